// The Models part as a file (rockset_docs_generate): its data lie in the page, nothing is asked for.

import { h, render, Fragment } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ModelsPage } from "./models.jsx";
import { nodeOf } from "./parts.jsx";

const data = JSON.parse(document.getElementById("data").textContent);
const runs = new Map(data.runs.map((r) => [r.id, r]));
const found = (value, what) => (value ? Promise.resolve(value) : Promise.reject(new Error(what + " is not in this file")));
const source = {
  graph: () => Promise.resolve(data.graph),
  node: (id) => found(data.nodes[id], id),
  runs: () => Promise.resolve(data.runs),
  run: (id) => found(runs.get(id), "run " + id),
  live: false,
};

function App() {
  const [id, setId] = useState(nodeOf());
  useEffect(() => { addEventListener("hashchange", () => setId(nodeOf())); }, []);
  return (
    <Fragment>
      <header class="top"><b>{data.graph.project}</b><span>as of {data.made} UTC</span></header>
      <ModelsPage source={source} id={id} />
    </Fragment>);
}

render(<App />, document.getElementById("app"));

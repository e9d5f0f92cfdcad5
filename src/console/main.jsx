// The console of rocksetd: the door (a key), the pages, the way between them (#query, #collections ...).

import { h, render, Fragment } from "preact";
import { useEffect, useState } from "preact/hooks";
import { get, hasKey, part, setKey } from "./api.js";
import { QueryPage } from "./query.jsx";
import { CollectionsPage, describe } from "./collections.jsx";
import { LambdasPage } from "./lambdas.jsx";
import { ServerPage } from "./server.jsx";
import { ModelsPage } from "./models.jsx";
import { nodeOf } from "./parts.jsx";
import { relation } from "./sql.js";

const PAGES = { query: "Query", collections: "Collections", lambdas: "Query lambdas", models: "Models", server: "Server" };
const pageOf = () => { const p = location.hash.slice(1).split("/")[0]; return PAGES[p] ? p : "query"; };
const data = (path, signal) => get("/models" + path, signal).then((a) => a.data);
const models = {
  graph: (signal) => data("", signal),
  node: (id, signal) => data("/nodes/" + part(id), signal),
  runs: (signal) => data("/runs", signal),
  run: (id, signal) => data("/runs/" + part(id), signal),
  columns: (names, signal) => describe(relation(names[0], names[1]), signal),
  live: true,
};

function Door({ why, onOpen }) {
  const [key, set] = useState(""), [said, say] = useState(why), [busy, setBusy] = useState(false);
  async function open(e) {
    e.preventDefault();
    setBusy(true);
    setKey(key.trim());
    try {
      await get("/ws");
      onOpen();
    } catch (error) {
      setKey("");
      say(error.status === 401 ? "The server does not know this key." : error.message);
    }
    setBusy(false);
  }
  return (
    <main class="door">
      <form onSubmit={open}>
        <h1>rocksetd</h1>
        <label>API key <input type="password" autocomplete="off" autofocus required value={key} onInput={(e) => set(e.target.value)} /></label>
        <button class="primary" disabled={busy}>Open</button>
        <p class="error" role="alert">{said}</p>
        <p class="hint">The key stays in this page's memory. To make one, stop the server and run <code>rocksetd key create --database FILE</code> with the server's file.</p>
      </form>
    </main>);
}

function App() {
  const [open, setOpen] = useState(false), [page, setPage] = useState(pageOf()), [node, setNode] = useState(nodeOf()), [why, setWhy] = useState(""), [sql, setSql] = useState(null);
  useEffect(() => {
    const go = () => { setPage(pageOf()); setNode(nodeOf()); };
    const refused = (e) => { setKey(""); setWhy(e.detail); setOpen(false); };
    addEventListener("hashchange", go);
    addEventListener("key-refused", refused);
    return () => { removeEventListener("hashchange", go); removeEventListener("key-refused", refused); };
  }, []);
  if (!open || !hasKey()) return <Door why={why} onOpen={() => { setWhy(""); setOpen(true); }} />;
  const toQuery = (text, run) => { setSql({ text, run }); location.hash = "query"; };
  return (
    <Fragment>
      <header class="top"><b>rocksetd</b>
        <nav aria-label="pages">{Object.keys(PAGES).map((p) => <a href={"#" + p} aria-current={p === page ? "page" : undefined}>{PAGES[p]}</a>)}</nav>
        <button onClick={() => { setKey(""); setOpen(false); }}>Close</button></header>
      <QueryPage start={sql} active={page === "query"} />
      {page === "collections" && <CollectionsPage onQuery={toQuery} />}
      {page === "lambdas" && <LambdasPage onQuery={toQuery} />}
      {page === "models" && <ModelsPage source={models} id={node} onQuery={toQuery} />}
      {page === "server" && <ServerPage />}
    </Fragment>);
}

render(<App />, document.getElementById("app"));

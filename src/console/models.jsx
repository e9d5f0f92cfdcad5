// The Models page: what fails, the lineage, the last runs, freshness; and a page of each node. It
// gets its data from `source`, the server's (main.jsx) or a file's (docs.jsx).

import { h, Fragment } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Failed, Filter, Status, useLoaded, when } from "./parts.jsx";
import { Lineage } from "./lineage.jsx";
import { NodePage } from "./node.jsx";
import { Runs } from "./runs.jsx";
import { byTone, isTest, levelsOf, projectOf, statusOf, tone } from "./project.js";

const EVERY = 2000, LISTED = 200, DRAWN = 120, MOST = 1500;
const TONES = { bad: "failed", warn: "warned", skipped: "skipped", none: "not run", good: "well" };

const toNode = (id) => { location.hash = "models/" + encodeURIComponent(id); };

// The runs, again and again; stamp counts what is new. What a run that goes on has done is in the graph, too.
function useRuns(source) {
  const [state, setState] = useState({ runs: [], stamp: 0, failed: {} });
  useEffect(() => {
    let stop = false, timer = 0, seen = "";
    async function tick() {
      try {
        const runs = await source.runs(), first = runs[0], mark = JSON.stringify(first && [first.id, first.status, first.counts]);
        if (stop) return;
        if (mark !== seen) setState((s) => ({ runs, stamp: s.stamp + 1, failed: {} }));
        seen = mark;
      } catch (error) {
        if (!stop) setState((s) => ({ ...s, failed: { error } }));
        if (error.status === 404) stop = true; // a server without --models
      }
      if (!stop && source.live) timer = setTimeout(tick, EVERY);
    }
    tick();
    return () => { stop = true; clearTimeout(timer); };
  }, [source]);
  return state;
}

function Failing({ list }) {
  if (list.length === 0) return <p class="hint">No test fails.</p>;
  return (
    <div class="wide" tabindex="0" role="region" aria-label="what fails">
      <table><thead><tr><th>what</th><th>status</th><th>of</th><th>message</th></tr></thead>
        <tbody>{list.slice(0, 50).map((n) => (
          <tr key={n.unique_id}><td><button class="link" onClick={() => toNode(n.unique_id)}>{n.node}</button></td><td><Status of={statusOf(n)} /></td>
            <td>{isTest(n) && n.parents.map((p) => <button class="link" onClick={() => toNode(p.unique_id)}>{p.node}</button>)}</td>
            <td>{n.error || n.last.message}</td></tr>))}</tbody></table></div>);
}

function Freshness({ list }) {
  return (
    <div class="wide" tabindex="0" role="region" aria-label="freshness of sources">
      <table><thead><tr><th>source</th><th>status</th><th>what was found</th><th>checked</th></tr></thead>
        <tbody>{list.map((n) => (
          <tr key={n.unique_id}><td><button class="link" onClick={() => toNode(n.unique_id)}>{n.node}</button></td>
            <td><Status of={n.freshness ? n.freshness.status : "not checked"} /></td><td>{n.freshness && n.freshness.message}</td>
            <td>{n.freshness && when(n.freshness.at)}</td></tr>))}</tbody></table></div>);
}

// All nodes of a choice; a large one by levels, the first ones. More than MOST take many seconds to lay out.
function Whole({ list }) {
  const levels = useMemo(() => levelsOf(list), [list]);
  const [wanted, want] = useState(0);
  let first = 0, drawn = 0;
  while (first < levels.length && (first === 0 || drawn + levels[first].length <= DRAWN)) drawn += levels[first++].length;
  const n = Math.min(Math.max(wanted, first), levels.length), nodes = levels.slice(0, n).flat().slice(0, MOST);
  return (
    <Fragment>
      <p class="summary" role="status">{nodes.length} of {list.length} nodes, {n} of {levels.length} levels {n < levels.length && nodes.length < MOST && <Fragment>
        <button onClick={() => want(n + 1)}>One level more</button> <button onClick={() => want(levels.length)}>All levels</button></Fragment>}
        {n > first && <button onClick={() => want(0)}>Fewer</button>}
        {nodes.length === MOST && " The graph shows no more: search or filter."}</p>
      {nodes.length > 0 && <Lineage nodes={nodes} onChoose={toNode} label={`lineage of ${nodes.length} nodes`} />}
    </Fragment>);
}

const options = (list, get) => [...new Set(list.flatMap(get))].filter(Boolean).sort();
function Choice({ label, value, all, names, onChange }) {
  return (
    <label>{label} <select value={value} onChange={(e) => onChange(e.target.value)}><option value="">any</option>
      {all.map((x) => <option value={x}>{names ? names[x] : x}</option>)}</select></label>);
}

function matches(n, f) {
  const text = (n.unique_id + " " + (n.description || "")).toLowerCase();
  return (f.search === "" || text.includes(f.search.toLowerCase())) && (f.kind === "" || n.kind === f.kind || n.resource_type === f.kind) &&
    (f.tag === "" || n.tags.includes(f.tag)) && (f.status === "" || tone(statusOf(n)) === f.status);
}

export function ModelsPage({ source, id, onQuery }) {
  const news = useRuns(source);
  const graph = useLoaded((signal) => source.graph(signal), [source, news.stamp]);
  const [f, setFilter] = useState({ search: "", kind: "", tag: "", status: "" });
  const p = useMemo(() => (graph.value ? projectOf(graph.value) : null), [graph.value]);
  const list = useMemo(() => (p ? p.list.filter((n) => matches(n, f)) : []), [p, f]);
  const before = useRef(id);
  useEffect(() => { // another page: its beginning is seen and read
    if (before.current === id) return;
    before.current = id;
    const detail = document.querySelector(".models .detail");
    if (detail) { detail.focus({ preventScroll: true }); detail.scrollIntoView(); }
  }, [id]);
  const set = (key) => (value) => setFilter({ ...f, [key]: value });
  if (!p) return <main><Failed of={graph} />{!graph.error && <p class="hint">The project is read…</p>}</main>;
  const listed = [...list].sort(byTone), node = id && p.nodes.get(id);
  const failing = p.list.filter((n) => tone(statusOf(n)) === "bad").sort((a, b) => isTest(b) - isTest(a));
  const sources = p.list.filter((n) => n.freshness || n.criteria);
  const drawn = f.kind === "test" || f.kind === "unit_test" ? list : list.filter((n) => !isTest(n));
  return (
    <main class="two models">
      <nav aria-label="nodes">
        <Filter value={f.search} onChange={set("search")} label="find a node" />
        <div class="choices">
          <Choice label="kind" value={f.kind} onChange={set("kind")} all={options(p.list, (n) => [n.kind, n.resource_type])} />
          <Choice label="status" value={f.status} onChange={set("status")} all={Object.keys(TONES)} names={TONES} />
          <Choice label="tag" value={f.tag} onChange={set("tag")} all={options(p.list, (n) => n.tags)} /></div>
        <p class="summary" role="status">{list.length} of {p.list.length} nodes</p>
        <ul>{listed.slice(0, LISTED).map((n) => (
          <li key={n.unique_id}><button aria-current={n.unique_id === id} onClick={() => toNode(n.unique_id)}>
            <Status of={statusOf(n)} brief /> {n.node} <small>{n.kind}</small></button></li>))}</ul>
        {listed.length > LISTED && <p class="hint">{listed.length - LISTED} more: search or filter.</p>}
      </nav>
      {id && !node && <section class="detail" tabindex="-1"><p class="error" role="alert">The project has no node {id}.</p><a href="#models">All models</a></section>}
      {node && <NodePage n={node} source={source} stamp={news.stamp} onNode={toNode} onQuery={onQuery} key={id} />}
      {!id && <section class="detail" aria-label="project" tabindex="-1">
        <h1>{p.name} <small>target {p.target}</small></h1><Failed of={graph} /><Failed of={news.failed} />
        {p.bad.map((b) => <pre class="error">{b.node}: {b.error}</pre>)}
        <h2>Failing ({failing.length})</h2><Failing list={failing} />
        <h2>Lineage</h2><Whole list={drawn} key={JSON.stringify(f)} />
        <h2>Last runs</h2><Runs source={source} runs={news.runs} stamp={news.stamp} onNode={toNode} />
        {sources.length > 0 && <Fragment><h2>Freshness</h2><Freshness list={sources} /></Fragment>}
      </section>}
    </main>);
}

// The Query lambdas page: versions, tags, defaults, a run.

import { h, Fragment } from "preact";
import { useState } from "preact/hooks";
import { columnsOf, get, part, query } from "./api.js";
import { Grid } from "./grid.jsx";
import { Failed, Filter, useLoaded, when } from "./parts.jsx";

function Lambda({ l, onQuery }) {
  const base = `/ws/${part(l.workspace)}/lambdas/${part(l.name)}`;
  const versions = useLoaded((signal) => get(base + "/versions", signal), [base]);
  const tags = useLoaded((signal) => get(base + "/tags", signal), [base]);
  const [chosen, choose] = useState(null), [values, setValues] = useState({}), [result, setResult] = useState(null);
  const list = versions.value ? versions.value.data : [];
  const v = list.find((x) => x.version === chosen) || list[0];
  if (!v) return <section class="detail"><Failed of={versions} /></section>;
  const defaults = v.sql.default_parameters || [];
  const path = `${base}/versions/${part(v.version)}`;
  async function run() {
    const rows = [];
    const parameters = defaults.map((p) => ({ ...p, value: values[p.name] ?? p.value }));
    try {
      const answer = await query(null, null, (r) => rows.push(...r), undefined, path, { parameters });
      setResult({ rows, columns: columnsOf(answer, rows) });
    } catch (error) { setResult({ error }); }
  }
  const named = tags.value ? tags.value.data.filter((t) => t.version.version === v.version).map((t) => t.tag_name) : [];
  return (
    <section class="detail" aria-label={l.workspace + "." + l.name}>
      <header class="tools"><h2>{l.workspace}.<wbr />{l.name}</h2>
        <button class="primary" onClick={run}>Run</button><button onClick={() => onQuery(v.sql.query)}>Open in Query</button></header>
      {v.description && <p>{v.description}</p>}
      <label>version <select value={v.version} onChange={(e) => { choose(e.target.value); setResult(null); }}>
        {list.map((x) => <option value={x.version}>{x.version} {when(x.created_at)}</option>)}</select></label>
      {named.length > 0 && <p>tags: {named.map((t) => <span class="type">{t}</span>)}</p>}
      <p>endpoint: <code class="endpoint">POST {location.origin}/v1/orgs/self{path}</code></p>
      {v.stats && <p class="summary">last executed {when(v.stats.last_executed) || "never"}</p>}
      <pre class="sql">{v.sql.query}</pre>
      {defaults.length > 0 && (
        <fieldset class="parameters"><legend>parameters</legend>{defaults.map((p) => (
          <label>:{p.name} <small>{p.type}</small> <input value={values[p.name] ?? p.value} onInput={(e) => setValues({ ...values, [p.name]: e.target.value })} /></label>))}</fieldset>)}
      {result && result.error && <pre class="error" role="alert">{result.error.message}</pre>}
      {result && result.rows && <Fragment><p class="summary" role="status">{result.rows.length} rows</p><Grid columns={result.columns} rows={result.rows} label="result" /></Fragment>}
    </section>);
}

export function LambdasPage({ onQuery }) {
  const [chosen, choose] = useState(null), [search, setSearch] = useState("");
  const all = useLoaded((signal) => get("/lambdas", signal), []);
  const list = all.value ? all.value.data : [], full = (l) => l.workspace + "." + l.name;
  const at = list.find((l) => full(l) === chosen);
  return (
    <main class="two">
      <nav aria-label="query lambdas">
        <Filter value={search} onChange={setSearch} label="find a query lambda" /><Failed of={all} />
        <ul>{list.filter((l) => full(l).toLowerCase().includes(search.toLowerCase())).map((l) => (
          <li><button aria-current={full(l) === chosen} onClick={() => choose(full(l))}>{full(l)} <small>{l.version_count}</small></button></li>))}</ul>
        {all.value && list.length === 0 && <p class="hint">No query lambdas yet. Save one from Query.</p>}
      </nav>
      {at ? <Lambda l={at} key={chosen} onQuery={onQuery} /> : <section class="detail"><p class="hint">Choose a query lambda.</p></section>}
    </main>);
}

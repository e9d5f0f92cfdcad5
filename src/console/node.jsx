// The page of one node: what it is, its tests, its neighbours, its texts, how it went.

import { h, Fragment } from "preact";
import { useState } from "preact/hooks";
import { Failed, Status, useLoaded, when } from "./parts.jsx";
import { Lineage } from "./lineage.jsx";
import { relation, rowsOfAll } from "./sql.js";
import { around, byTone, isTest, statusOf, took } from "./project.js";

// The columns of a row are JSON if whoever wrote them wrote JSON.
function columnsOf(text) {
  try {
    const list = JSON.parse(text || "[]");
    return Array.isArray(list) ? list.filter((c) => c && typeof c === "object") : [];
  } catch { return []; }
}

function Steps({ label, value, onChange }) {
  return (
    <span class="group">{label} {value}<button aria-label={"fewer levels " + label} disabled={value === 0} onClick={() => onChange(value - 1)}>−</button>
      <button aria-label={"more levels " + label} onClick={() => onChange(value + 1)}>+</button></span>);
}

function Tests({ list, onNode }) {
  return (
    <div class="wide" tabindex="0" role="region" aria-label="tests of the node">
      <table><thead><tr><th>test</th><th>status</th><th>rows</th><th>message</th></tr></thead>
        <tbody>{list.map((t) => (
          <tr key={t.unique_id}><td><button class="link" onClick={() => onNode(t.unique_id)}>{t.node}</button></td><td><Status of={statusOf(t)} /></td>
            <td>{t.last && t.last.failures}</td><td>{t.error || (t.last && t.last.message)}</td></tr>))}</tbody></table></div>);
}

function Texts({ d }) {
  const compiled = d.compiled[0], [which, choose] = useState("sql");
  if (!d.sql && !compiled) return <p class="hint">It has no text, and was not run yet.</p>;
  const now = which === "sql" && d.sql ? "sql" : "compiled";
  return (
    <Fragment>
      <div class="tools"><button aria-pressed={now === "sql"} disabled={!d.sql} onClick={() => choose("sql")}>SQL</button>
        <button aria-pressed={now === "compiled"} onClick={() => choose("compiled")}>Compiled SQL</button></div>
      {now === "compiled" && !compiled ? <p class="hint">It was not run yet: compiled SQL is what was sent the last time.</p>
        : <pre class="sql" tabindex="0" role="region" aria-label={now === "sql" ? "SQL" : "compiled SQL"}>{now === "sql" ? d.sql : compiled}</pre>}
    </Fragment>);
}

// The project's columns with the types that the target has now; then the others of the target.
function withTypes(columns, fields) {
  const top = new Map(fields.filter((f) => f.top).map((f) => [f.top, f.types.map((t) => t.type).join(", ")]));
  const known = columns.map((c) => ({ ...c, data_type: top.get(c.name) || c.data_type }));
  const names = new Set(columns.map((c) => c.name));
  return [...known, ...[...top].filter(([name]) => !names.has(name)).map(([name, data_type]) => ({ name, data_type }))];
}

// Workspace and name, where rocksetd's target may have it; else null.
function placeOf(n) {
  const names = (n.relation || "").split(".");
  return names.length === 2 ? names : null;
}

// Of another target, or none, nothing.
async function typesOf(source, n, signal) {
  const names = placeOf(n);
  return source.columns && names ? source.columns(names, signal).catch(() => []) : [];
}

function Details({ d, fields }) {
  const columns = withTypes(columnsOf(d.columns), fields);
  return (
    <Fragment>
      {columns.length > 0 && <Fragment><h2>Columns</h2>
        <table><thead><tr><th>column</th><th>type</th><th>description</th></tr></thead>
          <tbody>{columns.map((c) => <tr><td>{String(c.name)}</td><td>{c.data_type && String(c.data_type)}</td><td>{c.description && String(c.description)}</td></tr>)}</tbody></table></Fragment>}
      <h2>Text</h2><Texts d={d} />
      <details><summary>config</summary><pre class="sql" tabindex="0">{JSON.stringify(d.config, null, 2)}</pre></details>
      {d.history.length > 0 && <Fragment><h2>Last results</h2>
        <table><thead><tr><th>when</th><th>command</th><th>status</th><th>took</th></tr></thead>
          <tbody>{d.history.map((r) => <tr><td>{when(r.at)}</td><td>{r.command} <small>{r.target}</small></td><td><Status of={r.status} /></td><td>{took(r.ms)}</td></tr>)}</tbody></table></Fragment>}
    </Fragment>);
}

// Without onQuery the page is a file's.
export function NodePage({ n, source, stamp, onNode, onQuery }) {
  const [up, setUp] = useState(2), [down, setDown] = useState(2);
  const d = useLoaded((signal) => source.node(n.unique_id, signal), [n.unique_id, stamp]);
  const fields = useLoaded((signal) => typesOf(source, n, signal), [n.unique_id, stamp]);
  const place = placeOf(n), unrun = n.resource_type === "source" && !statusOf(n);
  const tests = n.children.filter(isTest).sort(byTone);
  const links = (list) => (list.length === 0 ? "none" : list.map((x) => <button class="link" onClick={() => onNode(x.unique_id)}>{x.node}</button>));
  return (
    <section class="detail" aria-label={n.unique_id} tabindex="-1">
      <p><a href="#models">All models</a></p>
      <h1>{n.node} <small>{n.kind}</small> {!unrun && <Status of={statusOf(n)} />}</h1>
      {onQuery && place && <div class="tools"><button class="primary" onClick={() => onQuery(rowsOfAll(relation(...place)), true)}>Query its rows</button></div>}
      <p class="summary">{[n.unique_id, n.relation, n.path, n.group && "group " + n.group, n.disabled && "disabled"].filter(Boolean).join(" · ")}</p>
      {n.tags.length > 0 && <p>{n.tags.map((t) => <span class="type">{t}</span>)}</p>}
      {n.description && <p class="text">{n.description}</p>}
      {(n.error || (n.last && n.last.message)) && <pre class={n.error ? "error" : ""}>{n.error || n.last.message}</pre>}
      {n.freshness && <p>freshness: <Status of={n.freshness.status} /> {n.freshness.message}</p>}
      {tests.length > 0 && <Fragment><h2>Tests</h2><Tests list={tests} onNode={onNode} /></Fragment>}
      <h2>Lineage</h2>
      <div class="tools"><Steps label="upstream" value={up} onChange={setUp} /><Steps label="downstream" value={down} onChange={setDown} /></div>
      <Lineage nodes={around(n, up, down)} center={n} onChoose={onNode} label={"lineage of " + n.node} />
      <p>upstream: {links(n.parents)}</p><p>downstream: {links(n.children.filter((c) => !isTest(c)))}</p>
      <Failed of={d} />
      {d.value && <Details d={d.value} fields={fields.value || []} />}
    </section>);
}

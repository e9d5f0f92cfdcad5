// The Collections page: what is there, of which fields, and a picture of each.

import { h, Fragment } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, get, part, query, rowsOf } from "./api.js";
import { Grid } from "./grid.jsx";
import { histogram } from "./chart.jsx";
import { Exact, parse } from "./exact.js";
import { ident, relation, rowsOfAll } from "./sql.js";
import { Failed, Filter, useLoaded } from "./parts.jsx";

const SAMPLE = 1000, UPLOAD = 500;

function bytes(n) {
  if (n === undefined || n === null) return "";
  const units = ["B", "KB", "MB", "GB", "TB"];
  let v = Number(n), i = 0;
  while (v >= 1024 && i < units.length - 1) { v /= 1024; i++; }
  return v.toFixed(v < 10 && i > 0 ? 1 : 0) + " " + units[i];
}

// A small picture of a field's values in the sample: bars of a histogram, or of the most frequent texts.
function Picture({ values }) {
  const numbers = values.filter((v) => typeof v === "number" || v instanceof Exact).map(Number);
  let bars, title;
  if (numbers.length > values.length / 2) {
    const made = histogram(numbers, 24);
    bars = made.counts;
    title = `${made.edges[0]} to ${made.edges.at(-1) + made.width}`;
  } else {
    const counts = new Map();
    for (const v of values) {
      if (v === undefined || v === null) continue;
      const text = typeof v === "object" ? JSON.stringify(v) : String(v);
      counts.set(text, (counts.get(text) || 0) + 1);
    }
    const most = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 12);
    bars = most.map((m) => m[1]);
    title = most.map((m) => `${m[0].slice(0, 40)}: ${m[1]}`).join("\n");
  }
  const high = Math.max(1, ...bars), width = 96 / Math.max(bars.length, 1);
  return (
    <svg class="picture" viewBox="0 0 96 20" role="img" aria-label={"distribution: " + title}>
      <title>{title}</title>
      {bars.map((n, i) => <rect x={i * width} y={20 - (20 * n) / high} width={Math.max(width - 1, 1)} height={(20 * n) / high} />)}
    </svg>);
}

// Rows of DESCRIBE as fields: path, types with shares.
function fieldsOf(rows) {
  const fields = new Map();
  for (const r of rows) {
    const path = r.field.map((p) => (p === "*" ? "[]" : p)).join(".").replaceAll(".[]", "[]");
    const f = fields.get(path) || { path, top: r.field.length === 1 ? r.field[0] : null, types: [], depth: r.field.length };
    f.types.push({ type: r.type, share: Number(r.total) > 0 ? Number(r.occurrences) / Number(r.total) : 0 });
    fields.set(path, f);
  }
  return [...fields.values()];
}

export async function describe(from, signal) {
  return fieldsOf((await rowsOf("DESCRIBE " + from, signal)).rows);
}

function Fields({ fields, sample }) {
  return (
    <table class="fields">
      <thead><tr><th>field</th><th>types</th><th>values in {sample.length.toLocaleString("en")} rows</th></tr></thead>
      <tbody>{fields.map((f) => (
        <tr key={f.path}>
          <td style={{ paddingLeft: f.depth + "ch" }}><code>{f.path}</code></td>
          <td>{f.types.map((t) => <span class={"type " + t.type}>{t.type} <small>{(100 * t.share).toFixed(t.share > 0 && t.share < 0.1 ? 1 : 0)} %</small></span>)}</td>
          <td>{f.top && sample.length > 0 && <Picture values={sample.map((r) => r[f.top])} />}</td>
        </tr>))}</tbody>
    </table>);
}

// Documents of a file: JSON (an array, or one a line) or CSV with a first line of names.
export function documentsOf(name, text) {
  if (/\.csv$/i.test(name)) {
    const rows = csvRows(text), names = rows.shift() || [];
    return rows.map((r) => Object.fromEntries(names.map((n, i) => [n, valueOf(r[i])]).filter((p) => p[1] !== undefined)));
  }
  const trimmed = text.trim();
  if (trimmed.startsWith("[")) return JSON.parse(trimmed);
  return trimmed.split(/\r?\n/).filter((l) => l.trim()).map((l) => JSON.parse(l));
}

function valueOf(text) {
  if (text === undefined || text === "") return undefined;
  if (/^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(text)) return Number(text);
  return text === "true" ? true : text === "false" ? false : text;
}

export function csvRows(text) {
  const rows = [];
  let row = [], cell = "", quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') { cell += '"'; i++; }
      else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"' && cell === "") quoted = true;
    else if (c === ",") { row.push(cell); cell = ""; }
    else if (c === "\n" || c === "\r") {
      if (c === "\r" && text[i + 1] === "\n") i++;
      row.push(cell);
      if (row.length > 1 || row[0] !== "") rows.push(row);
      row = []; cell = "";
    } else cell += c;
  }
  row.push(cell);
  if (row.length > 1 || row[0] !== "") rows.push(row);
  return rows;
}

function Upload({ workspace, name, onDone }) {
  const [state, setState] = useState(null);
  async function take(file) {
    if (!file) return;
    let sent = 0, refused = 0, first = "";
    try {
      const docs = documentsOf(file.name, await file.text());
      for (let i = 0; i < docs.length; i += UPLOAD) {
        setState({ text: `${sent} of ${docs.length} documents`, value: sent / docs.length });
        const batch = docs.slice(i, i + UPLOAD);
        const { data } = await ask("POST", `/ws/${part(workspace)}/collections/${part(name)}/docs`, { data: batch });
        for (const d of data) if (d.error) { refused++; first = first || d.error.message || String(d.error); }
        sent += batch.length;
      }
      setState({ text: `${sent - refused} documents added` + (refused ? `, ${refused} refused: ${first}` : "") });
      onDone();
    } catch (e) { setState({ text: `${sent} documents added, then: ${e.message}` }); }
  }
  return (
    <label class="upload">Add a file (JSON, JSON lines, CSV)
      <input type="file" accept=".json,.jsonl,.ndjson,.csv" onChange={(e) => take(e.target.files[0])} />
      {state && <output>{state.text} {state.value !== undefined && <progress value={state.value} />}</output>}
    </label>);
}

function Collection({ c, onQuery, onChanged }) {
  const [stamp, setStamp] = useState(0);
  const from = relation(c.workspace, c.name);
  const fields = useLoaded((signal) => describe(from, signal), [from, stamp]);
  const sample = useLoaded((signal) => rowsOf(`SELECT * FROM ${from} LIMIT ${SAMPLE}`, signal), [from, stamp]);
  return (
    <section class="detail" aria-label={c.workspace + "." + c.name}>
      <header class="tools"><h2>{c.workspace}.<wbr />{c.name}</h2>
        <button onClick={() => onQuery(rowsOfAll(from), true)}>Query</button></header>
      {c.description && <p>{c.description}</p>}
      <p class="summary">{c.stats && Number(c.stats.doc_count).toLocaleString("en") + " documents" + (Number(c.stats.total_size) > 0 ? ", " + bytes(c.stats.total_size) : "")}</p>
      <Upload workspace={c.workspace} name={c.name} onDone={() => { setStamp(stamp + 1); onChanged(); }} />
      <Failed of={fields} /><Failed of={sample} />
      {fields.value && <Fields fields={fields.value} sample={sample.value ? sample.value.rows : []} />}
      {sample.value && <Fragment><h3>rows</h3><Grid columns={sample.value.columns} rows={sample.value.rows.slice(0, 100)} label="sample rows" /></Fragment>}
    </section>);
}

export function CollectionsPage({ onQuery }) {
  const [stamp, setStamp] = useState(0), [chosen, choose] = useState(null), [search, setSearch] = useState("");
  const all = useLoaded(async (signal) => {
    const [collections, aliases, views] = await Promise.all(["/collections", "/aliases", "/views"].map((p) => get(p, signal)));
    return [...collections.data.map((c) => ({ ...c, kind: "collection" })), ...aliases.data.map((a) => ({ ...a, kind: "alias" })),
      ...views.data.map((v) => ({ ...v, kind: "view" }))].sort((a, b) => (a.workspace + "." + a.name).localeCompare(b.workspace + "." + b.name));
  }, [stamp]);
  const full = (c) => c.workspace + "." + c.name;
  const shown = (all.value || []).filter((c) => full(c).toLowerCase().includes(search.toLowerCase()));
  const at = (all.value || []).find((c) => full(c) === chosen);
  return (
    <main class="two">
      <nav aria-label="collections">
        <Filter value={search} onChange={setSearch} label="find a collection" />
        <Failed of={all} />
        <ul>{shown.slice(0, 1000).map((c) => (
          <li><button aria-current={full(c) === chosen} onClick={() => choose(full(c))}>{full(c)} {c.kind !== "collection" && <small>{c.kind}</small>}</button></li>))}</ul>
        {all.value && all.value.length === 0 && <p class="hint">No collections yet. <code>POST /ws/commons/collections</code> makes one; so does <code>--load</code>.</p>}
      </nav>
      {at && at.kind === "collection" && <Collection c={at} key={chosen} onQuery={onQuery} onChanged={() => setStamp(stamp + 1)} />}
      {at && at.kind === "view" && (
        <section class="detail"><header class="tools"><h2>{full(at)}</h2><button onClick={() => onQuery(rowsOfAll(relation(at.workspace, at.name)), true)}>Query</button></header>
          <pre>{at.query_sql}</pre></section>)}
      {at && at.kind === "alias" && (
        <section class="detail"><h2>{full(at)}</h2><p>stands for {(at.collections || []).join(", ")}</p></section>)}
      {!at && <section class="detail"><p class="hint">Choose a collection.</p></section>}
    </main>);
}

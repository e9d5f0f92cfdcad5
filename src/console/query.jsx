// The Query page: a statement, its parameters, its rows.

import { h, Fragment } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, columnsOf, get, part, query } from "./api.js";
import { Editor } from "./editor.js";
import { Grid } from "./grid.jsx";
import { Chart } from "./chart.jsx";
import { asCurl, asPython, asSqlite, csv, download, json } from "./export.js";
import { parameters, typeOf } from "./sql.js";
import { FUNCTIONS } from "./functions.js";

const HISTORY = "rocksetd-history", LAST = "rocksetd-text", HISTORY_MAX = 100;
const TYPES = ["string", "int", "float", "bool", "date", "datetime", "timestamp", "time", "bytes", "array", "object"];

// Statements stay with this browser, the key does not. A browser without storage goes without.
function stored(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(name);
    localStorage.setItem(name, value);
  } catch { /* the page works all the same */ }
  return null;
}
const history = () => { try { return JSON.parse(stored(HISTORY) || "[]"); } catch { return []; } };
function remember(sql) {
  const list = [sql, ...history().filter((s) => s !== sql)].slice(0, HISTORY_MAX);
  stored(HISTORY, JSON.stringify(list));
  return list;
}

async function schemaOf() {
  const schema = {};
  const { data } = await get("/collections");
  for (const c of data.slice(0, 500)) schema[c.workspace + "." + c.name] = [];
  return schema;
}

function Parameters({ names, values, onChange }) {
  if (names.length === 0) return null;
  return (
    <fieldset class="parameters"><legend>parameters</legend>
      {names.map((name) => {
        const v = values[name] || { value: "", type: "" };
        const set = (change) => onChange({ ...values, [name]: { ...v, ...change } });
        return (
          <div class="parameter" key={name}>
            <label>:{name} <input value={v.value} onInput={(e) => set({ value: e.target.value })} /></label>
            <select aria-label={"type of :" + name} value={v.type || typeOf(v.value)} onChange={(e) => set({ type: e.target.value })}>
              {TYPES.map((t) => <option>{t}</option>)}</select>
          </div>);
      })}
    </fieldset>);
}

function Save({ sql, values, onClose }) {
  const [form, setForm] = useState({ workspace: "commons", name: "", description: "" });
  const [said, setSaid] = useState("");
  async function save(e) {
    e.preventDefault();
    const defaults = parameters(sql).map((name) => {
      const v = values[name] || { value: "" };
      return { name, type: v.type || typeOf(v.value), value: v.value };
    });
    try {
      await ask("POST", `/ws/${part(form.workspace)}/lambdas`,
        { name: form.name, description: form.description, sql: { query: sql, default_parameters: defaults } });
      setSaid(`saved as ${form.workspace}.${form.name}`);
    } catch (error) { setSaid(error.message); }
  }
  const field = (name, label) => (
    <label>{label} <input required={name !== "description"} value={form[name]} onInput={(e) => setForm({ ...form, [name]: e.target.value })} /></label>);
  return (
    <form class="save" onSubmit={save} aria-label="save as query lambda">
      {field("workspace", "workspace")}{field("name", "name")}{field("description", "description")}
      <button class="primary">Save</button><button type="button" onClick={onClose}>Close</button>
      <output>{said}</output>
    </form>);
}

function Summary({ state }) {
  const { running, rows, answer, started, ended } = state;
  const seconds = ((ended || performance.now()) - started) / 1000;
  const server = answer && answer.stats ? answer.stats.elapsed_time_ms : undefined;
  return (
    <p class="summary" role="status">
      {running ? "running: " : ""}{rows.length.toLocaleString("en")} {rows.length === 1 ? "row" : "rows"}, {seconds.toFixed(2)} s
      {server !== undefined && <Fragment> ({String(server)} ms in the engine)</Fragment>}
      {answer && answer.bytes > 0 && <Fragment>, {(answer.bytes / 1024).toFixed(0)} KB</Fragment>}
    </p>);
}

export function QueryPage({ start, active }) {
  const runs = useRef(0), host = useRef(null), editor = useRef(null), abort = useRef(null), values = useRef({});
  const [text, setText] = useState((start && start.text) || stored(LAST) || "SELECT 1 AS one");
  const [shownValues, showValues] = useState({});
  const [state, setState] = useState(null);
  const [show, setShow] = useState({ chart: false, history: false, save: false, copy: "" });
  const [past, setPast] = useState(history());
  values.current = shownValues;

  const parametersNow = (sql) => parameters(sql).map((name) => {
    const v = values.current[name] || { value: "" };
    return { name, type: v.type || typeOf(v.value), value: v.value };
  });

  async function run(sql, explain) {
    if (abort.current) abort.current.abort();
    const control = abort.current = new AbortController();
    const now = { number: ++runs.current, running: true, rows: [], columns: [], started: performance.now(), ended: 0, answer: null, error: null, plan: explain };
    let painted = 0;
    const paint = (change) => {
      if (abort.current !== control) return;
      Object.assign(now, change);
      painted = performance.now();
      setState({ ...now });
    };
    editor.current.clearError();
    setPast(remember(sql));
    paint({});
    try {
      const answer = await query(explain ? "EXPLAIN " + sql : sql, parametersNow(sql), (rows) => {
        for (const r of rows) now.rows.push(r);
        if (performance.now() - painted > 200) paint({ columns: columnsOf({}, now.rows.slice(0, 100)) });
      }, control.signal);
      paint({ running: false, ended: performance.now(), answer, columns: columnsOf(answer, now.rows) });
    } catch (error) {
      const said = error.name === "AbortError" ? { message: "cancelled" } : error;
      paint({ running: false, ended: performance.now(), error: said, columns: columnsOf({}, now.rows.slice(0, 100)) });
      if (said.line) editor.current.showError(said.line, said.column - (explain && said.line === 1 ? 8 : 0));
    }
  }

  useEffect(() => {
    editor.current = new Editor(host.current, {
      text, label: "SQL", onRun: (sql) => run(sql), onChange: (t) => { setText(t); stored(LAST, t); } });
    editor.current.focus();
    editor.current.complete({}, FUNCTIONS);
    schemaOf().then((schema) => editor.current && editor.current.complete(schema, FUNCTIONS)).catch(() => {});
    return () => { if (abort.current) abort.current.abort(); editor.current.destroy(); editor.current = null; };
  }, []);
  useEffect(() => {
    if (!start || !editor.current) return;
    if (editor.current.text !== start.text) editor.current.text = start.text;
    if (start.run) run(start.text);
  }, [start]);

  const copies = { curl: asCurl, Python: asPython, SQLite: asSqlite };
  async function copy(kind) {
    await navigator.clipboard.writeText(copies[kind](text, parametersNow(text)));
    setShow({ ...show, copy: kind });
    setTimeout(() => setShow((s) => ({ ...s, copy: "" })), 1500);
  }
  const plan = state && state.plan && !state.error ? state.rows.map((r) => String(Object.values(r).at(-1))).join("\n") : null;
  return (
    <main class="query" hidden={!active} aria-busy={!!state && state.running} data-run={state ? state.number : 0}>
      <div class="editor" ref={host} />
      <Parameters names={parameters(text)} values={shownValues} onChange={showValues} />
      <div class="tools">
        {state && state.running
          ? <button class="primary" onClick={() => abort.current.abort()}>Cancel</button>
          : <button class="primary" title="Ctrl+Enter" onClick={() => run(text)}>Run</button>}
        <button onClick={() => run(text, true)}>Plan</button>
        <button aria-pressed={show.history} onClick={() => setShow({ ...show, history: !show.history })}>History</button>
        <button aria-pressed={show.save} onClick={() => setShow({ ...show, save: !show.save })}>Save as lambda</button>
        <span class="group">copy as {Object.keys(copies).map((k) => <button onClick={() => copy(k)}>{show.copy === k ? "copied" : k}</button>)}</span>
        {state && state.rows.length > 0 && !state.plan && (
          <span class="group">
            <button aria-pressed={show.chart} onClick={() => setShow({ ...show, chart: !show.chart })}>Chart</button>
            <button onClick={() => download("result.csv", "text/csv", csv(state.columns, state.rows))}>CSV</button>
            <button onClick={() => download("result.json", "application/json", json(state.rows))}>JSON</button>
          </span>)}
      </div>
      {show.save && <Save sql={text} values={shownValues} onClose={() => setShow({ ...show, save: false })} />}
      {show.history && (
        <ol class="history">{past.map((sql) => <li><button onClick={() => { editor.current.text = sql; editor.current.focus(); }}>{sql}</button></li>)}</ol>)}
      {state && <Summary state={state} />}
      {state && state.error && <pre class="error" role="alert">{state.error.message}</pre>}
      {plan !== null && <pre class="plan">{plan}</pre>}
      {state && state.plan === undefined && show.chart && !state.running && state.rows.length > 0 && <Chart columns={state.columns} rows={state.rows} />}
      {state && !state.plan && state.columns.length > 0 && <Grid columns={state.columns} rows={state.rows} label="result" />}
    </main>
  );
}

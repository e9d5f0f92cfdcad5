// The Server page: what runs, how the server does, who may use it.

import { h } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ask, get, part, text } from "./api.js";
import { Failed, useLoaded, when } from "./parts.jsx";

const EVERY = 2000, KEPT = 90;

// "name{labels} value" lines, added up by name.
export function metricsOf(text) {
  const out = {};
  for (const line of text.split("\n")) {
    const m = /^([a-zA-Z_:][\w:]*)(?:\{[^}]*\})? ([-+.\deE]+)/.exec(line);
    if (m) out[m[1]] = (out[m[1]] || 0) + Number(m[2]);
  }
  return out;
}

function Spark({ name, values }) {
  const high = Math.max(...values, 1e-9), step = 120 / Math.max(values.length - 1, 1);
  const line = values.map((v, i) => `${(i * step).toFixed(1)},${(30 - (28 * v) / high).toFixed(1)}`).join(" ");
  const now = values.at(-1);
  return (
    <figure class="spark"><figcaption>{name}<b>{now >= 100 ? Math.round(now).toLocaleString("en") : +now.toFixed(2)}</b></figcaption>
      <svg viewBox="0 0 120 32" role="img" aria-label={`${name}: ${now}`}><polyline points={line} /></svg></figure>);
}

function useMetrics() {
  const [series, setSeries] = useState({});
  useEffect(() => {
    let before = null, at = 0, stop = false, timer = 0;
    async function tick() {
      try {
        const now = metricsOf(await text("/metrics")), t = performance.now();
        if (before) {
          setSeries((s) => {
            const next = { ...s };
            for (const k of Object.keys(now)) {
              const rate = /_(total|sum|count)$/.test(k), v = rate ? (1000 * (now[k] - (before[k] || 0))) / (t - at) : now[k];
              next[k] = [...(s[k] || []), v].slice(-KEPT);
            }
            return next;
          });
        }
        before = now; at = t;
      } catch { /* the next one */ }
      if (!stop) timer = setTimeout(tick, EVERY);
    }
    tick();
    return () => { stop = true; clearTimeout(timer); };
  }, []);
  return series;
}

export function ServerPage() {
  const [stamp, setStamp] = useState(0), [said, setSaid] = useState("");
  const queries = useLoaded((signal) => get("/queries", signal), [stamp]);
  const keys = useLoaded((signal) => get("/users/self/apikeys", signal).catch((e) => { if (e.status === 403) return null; throw e; }), []);
  const roles = useLoaded((signal) => get("/roles", signal), []);
  const series = useMetrics();
  useEffect(() => { const t = setInterval(() => setStamp((n) => n + 1), EVERY); return () => clearInterval(t); }, []);
  async function cancel(id) {
    try { await ask("DELETE", "/queries/" + part(id)); setSaid("cancelled " + id); } catch (e) { setSaid(e.message); }
    setStamp((n) => n + 1);
  }
  const list = queries.value ? queries.value.data : [];
  return (
    <main class="server">
      <section aria-label="metrics" class="sparks">{Object.entries(series).filter(([k]) => !/bucket/.test(k)).slice(0, 12).map(([k, v]) =>
        <Spark name={k.replace(/^rocksetd_/, "").replaceAll("_", " ") + (/_total$/.test(k) ? " / s" : "")} values={v} />)}</section>
      <h2>active queries</h2><Failed of={queries} /><output>{said}</output>
      <div class="wide" tabindex="0" role="region" aria-label="active queries"><table><thead><tr><th>query</th><th>status</th><th>by</th><th>since</th><th /></tr></thead>
        <tbody>{list.map((q) => (
          <tr key={q.query_id}><td><code>{q.sql || q.query_id}</code></td><td>{q.status}</td><td>{q.executed_by}</td><td>{when(q.submitted_at)}</td>
            <td><button onClick={() => cancel(q.query_id)}>Cancel</button></td></tr>))}</tbody></table></div>
      {list.length === 0 && <p class="hint">Nothing runs.</p>}
      {keys.value && <section><h2>keys</h2>
        <div class="wide" tabindex="0" role="region" aria-label="keys"><table><thead><tr><th>name</th><th>key</th><th>role</th><th>state</th><th>created</th></tr></thead>
          <tbody>{keys.value.data.map((k) => <tr><td>{k.name}</td><td><code>{k.key}</code></td><td>{k.role}</td><td>{k.state}</td><td>{when(k.created_at)}</td></tr>)}</tbody></table></div></section>}
      {roles.value && <section><h2>roles</h2><ul>{roles.value.data.map((r) => <li><b>{r.role_name}</b> {r.description}</li>)}</ul></section>}
    </main>);
}

// The last runs: one as a timeline (which node when, how long, on which worker), its results.

import { h, Fragment } from "preact";
import { useState } from "preact/hooks";
import { Failed, Status, useLoaded, when } from "./parts.jsx";
import { lanesOf, tone, took, utc } from "./project.js";

const ROW = 22, WIDE = 1000;

function Timeline({ run, onNode }) {
  const { bars, lanes, from, to } = lanesOf(run.results), span = Math.max(to - from, 1);
  if (bars.length === 0) return null;
  const x = (t) => (WIDE * (t - from)) / span;
  return (
    <div class="timeline">
      <svg viewBox={`0 0 ${WIDE} ${lanes * ROW}`} preserveAspectRatio="none" style={{ height: Math.min(lanes * ROW, 420) + "px" }} role="img"
        aria-label={`${bars.length} nodes in ${took(span)}, at most ${lanes} at once`}>
        {bars.map((b) => (
          <rect class={tone(b.r.status)} x={x(b.from)} y={b.lane * ROW + 2} width={Math.max(x(b.to) - x(b.from), 2)} height={ROW - 4}
            onClick={() => onNode(b.r.unique_id)}><title>{b.r.unique_id}: {b.r.status}, {took(b.r.ms)}{b.r.worker ? `, worker ${b.r.worker}` : ""}</title></rect>))}
      </svg>
      <p class="summary axis"><span>0</span><span>{took(span)}</span></p>
    </div>);
}

function Run({ run, onNode }) {
  const list = [...run.results].sort((a, b) => (tone(a.status) === "bad" ? 0 : 1) - (tone(b.status) === "bad" ? 0 : 1) || (b.ms || 0) - (a.ms || 0));
  const ends = run.finished_at ? utc(run.finished_at) : NaN;
  return (
    <Fragment>
      <p class="summary" role="status">{run.command} {run.selection} on {run.target || "?"}, <Status of={run.status} /> {run.results.length} nodes
        {Number.isNaN(ends) ? ` since ${when(run.started_at)}` : ` in ${took(ends - utc(run.started_at))}`}</p>
      {run.message && <pre class={tone(run.status) === "bad" ? "error" : ""}>{run.message}</pre>}
      <Timeline run={run} onNode={onNode} />
      <div class="wide" tabindex="0" role="region" aria-label="results of the run">
        <table><thead><tr><th>node</th><th>status</th><th>took</th><th>worker</th><th>message</th></tr></thead>
          <tbody>{list.slice(0, 100).map((r) => (
            <tr key={r.unique_id}><td><button class="link" onClick={() => onNode(r.unique_id)}>{r.unique_id}</button></td>
              <td><Status of={r.status} /></td><td>{took(r.ms)}</td><td>{r.worker}</td><td>{r.message}</td></tr>))}</tbody></table></div>
      {list.length > 100 && <p class="hint">{list.length - 100} more, all of them faster.</p>}
    </Fragment>);
}

// stamp: changes when there may be news.
export function Runs({ source, runs, stamp, onNode }) {
  const [chosen, choose] = useState(null);
  const first = runs.find((r) => r.command !== "freshness") || runs[0]; // freshness has a part of its own
  const id = chosen || (first && first.id);
  const run = useLoaded((signal) => (id ? source.run(id, signal) : Promise.resolve(null)), [id, stamp]);
  if (runs.length === 0) return <p class="hint">Nothing has been run yet: <code>SELECT * FROM rockset_build('*')</code></p>;
  return (
    <Fragment>
      <label>run <select value={id} onChange={(e) => choose(e.target.value)}>{runs.map((r) => (
        <option value={r.id}>{when(r.started_at)} {r.command} {r.selection || ""} {r.status}</option>))}</select></label>
      <Failed of={run} />
      {run.value && run.value.id === id && <Run run={run.value} onNode={onNode} />}
    </Fragment>);
}

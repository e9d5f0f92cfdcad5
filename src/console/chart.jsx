// A chart of a result with one click: which one, by the types of its columns.

import { h } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { Exact } from "./exact.js";

const KINDS = ["line", "bars", "scatter", "histogram"];
const LABELS = 60; // bars beyond that many can't be read
const SERIES = 4, ALL = ""; // what y is called when all are drawn: no column has no name

const isNumber = (v) => typeof v === "number" || v instanceof Exact;
const time = (v) => {
  const text = v && typeof v === "object" && v.__rockset_type ? v.value : v;
  if (typeof text !== "string" || !/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d|$)/.test(text)) return NaN;
  const bare = text.includes(":") && !/(Z|[-+]\d\d:?\d\d)$/.test(text) ? text + "Z" : text;
  return Date.parse(bare.replace(" ", "T")) / 1000;
};

// What a column holds: number, time or text; by its first 1,000 values that are there.
export function kindOf(rows, column) {
  let numbers = 0, times = 0, all = 0;
  for (let i = 0; i < rows.length && all < 1000; i++) {
    const v = rows[i][column];
    if (v === undefined || v === null) continue;
    all++;
    if (isNumber(v)) numbers++;
    else if (!Number.isNaN(time(v))) times++;
  }
  return all === 0 ? "none" : numbers === all ? "number" : times === all ? "time" : "text";
}

// The chart that fits: {kind, x, y: [columns]}.
export function propose(all, rows) {
  const own = all.filter((c) => !c.startsWith("_")), columns = own.length > 0 ? own : all; // not when it was written
  const kinds = Object.fromEntries(columns.map((c) => [c, kindOf(rows, c)]));
  const numbers = columns.filter((c) => kinds[c] === "number");
  const t = columns.find((c) => kinds[c] === "time"), label = columns.find((c) => kinds[c] === "text");
  if (t && numbers.length > 0) return { kind: "line", x: t, y: numbers.slice(0, SERIES) };
  if (label && numbers.length > 0) return { kind: "bars", x: label, y: numbers.slice(0, 1) };
  if (numbers.length >= 2) {
    const x = numbers[0];
    let ascending = true;
    for (let i = 1; i < rows.length && ascending; i++) ascending = Number(rows[i - 1][x]) <= Number(rows[i][x]);
    return { kind: ascending ? "line" : "scatter", x, y: ascending ? numbers.slice(1, 5) : [numbers[1]] };
  }
  if (numbers.length === 1) return { kind: "histogram", x: numbers[0], y: [numbers[0]] };
  return null;
}

export function histogram(values, most = 40) {
  let low = Infinity, high = -Infinity;
  for (const v of values) { if (v < low) low = v; if (v > high) high = v; }
  if (!(high > low)) return { edges: [low], counts: [values.length], width: 1 };
  const n = Math.max(1, Math.min(most, Math.ceil(Math.sqrt(values.length)))), width = (high - low) / n;
  const counts = new Array(n).fill(0);
  for (const v of values) counts[Math.min(n - 1, Math.floor((v - low) / width))]++;
  return { edges: counts.map((_, i) => low + i * width), counts, width };
}

// uPlot's columns: x ascending, one y for each series; labels of x where it is text.
function dataOf(spec, rows) {
  if (spec.kind === "histogram") {
    const values = rows.map((r) => r[spec.x]).filter(isNumber).map(Number).filter(Number.isFinite);
    const { edges, counts, width } = histogram(values);
    return { data: [edges.map((e) => e + width / 2), counts], times: false };
  }
  const kind = kindOf(rows, spec.x);
  const y = (r) => spec.y.map((c) => (isNumber(r[c]) ? Number(r[c]) : null));
  if (kind === "text" || kind === "none" || spec.kind === "bars") {
    const place = kind === "time" ? (r) => time(r[spec.x]) : kind === "number" ? (r) => Number(r[spec.x]) : null;
    const few = (place ? [...rows].sort((a, b) => place(a) - place(b) || 0) : rows).slice(0, LABELS);
    const labels = few.map((r) => { const v = r[spec.x]; return String(v && v.__rockset_type ? v.value : v).replace(/[T ]00:00:00(\.0+)?Z?$/, ""); });
    return { data: [labels.map((_, i) => i), ...spec.y.map((_, k) => few.map((r) => y(r)[k]))], labels, cut: rows.length - few.length };
  }
  const points = [];
  for (const r of rows) {
    const x = kind === "time" ? time(r[spec.x]) : Number(r[spec.x]);
    if (r[spec.x] !== null && r[spec.x] !== undefined && Number.isFinite(x)) points.push([x, ...y(r)]);
  }
  points.sort((a, b) => a[0] - b[0]);
  return { data: [0, ...spec.y].map((_, k) => points.map((p) => p[k])), times: kind === "time" };
}

function style(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

function draw(host, spec, rows) {
  const { data, labels, times } = dataOf(spec, rows);
  const colors = ["--chart1", "--chart2", "--chart3", "--chart4"].map(style), ink = style("--ink"), line = style("--line");
  const bars = spec.kind === "bars" || spec.kind === "histogram";
  const names = spec.kind === "histogram" ? ["rows"] : spec.y;
  const axis = { stroke: ink, grid: { stroke: line }, ticks: { stroke: line } };
  const plot = new uPlot({
    width: Math.max(host.clientWidth, 200), height: 320,
    scales: { x: { time: !!times, range: bars ? (u, a, b) => [a - 0.6 * gap(data[0]), b + 0.6 * gap(data[0])] : undefined },
      y: { range: (u, a, b) => bars ? [Math.min(0, a), b === a ? b + 1 : b * 1.05] : uPlot.rangeNum(a, b, 0.1, true) } },
    axes: [{ ...axis, ...(labels ? { splits: () => data[0], values: () => labels.map((t) => t.length > 14 ? t.slice(0, 13) + "…" : t),
      rotate: labels.length > 6 ? -45 : 0, size: labels.length > 6 ? 80 : 40, filter: (u, s) => s } : {}) }, { ...axis, size: 70, values: (u, marks) => marks.map(brief) }],
    series: [{ label: spec.kind === "histogram" ? spec.x : spec.x, ...(labels ? { value: (u, v) => (v === null ? "" : labels[v]) } : {}) },
      ...names.map((name, k) => ({
        label: name, stroke: colors[k % 4], width: spec.kind === "scatter" ? 0 : 2,
        fill: bars ? colors[k % 4] + "aa" : undefined,
        paths: bars ? uPlot.paths.bars({ size: [spec.kind === "histogram" ? 1 : 0.7, 80] }) : spec.kind === "scatter" ? () => null : undefined,
        points: { show: spec.kind === "scatter" || (!bars && data[0].length < 60), size: 6, fill: colors[k % 4] },
      }))],
  }, data, host);
  return plot;
}

// A mark of the axis, which has little room.
const brief = (v) => (v === null ? "" : new Intl.NumberFormat("en", Math.abs(v) >= 1e5 ? { notation: "compact", maximumFractionDigits: 2 } : { maximumFractionDigits: 6 }).format(v));

function gap(xs) { return xs.length > 1 ? xs[1] - xs[0] : 1; }

export function Chart({ columns, rows }) {
  const proposed = useMemo(() => propose(columns, rows), [columns, rows]);
  const [chosen, choose] = useState(null);
  const host = useRef(null);
  const spec = chosen && columns.includes(chosen.x) ? chosen : proposed;

  useEffect(() => {
    if (!spec || !host.current) return undefined;
    host.current.textContent = "";
    const plot = draw(host.current, spec, rows);
    const watch = new ResizeObserver(() => plot.setSize({ width: Math.max(host.current.clientWidth, 200), height: 320 }));
    watch.observe(host.current);
    return () => { watch.disconnect(); plot.destroy(); };
  }, [spec && spec.kind, spec && spec.x, spec && spec.y.join("\n"), rows]);

  if (!spec) return <p class="hint">No column holds numbers: there is nothing to draw.</p>;
  const numbers = columns.filter((c) => kindOf(rows, c) === "number");
  const several = numbers.filter((c) => c !== spec.x && (!c.startsWith("_"))).slice(0, SERIES);
  const cut = spec.kind === "bars" ? Math.max(0, rows.length - LABELS) : 0;
  return (
    <section class="chart" aria-label="chart">
      <div class="tools">
        <label>chart <select value={spec.kind} onChange={(e) => choose({ ...spec, kind: e.target.value, x: e.target.value === "histogram" && !numbers.includes(spec.x) ? numbers[0] : spec.x })}>
          {KINDS.map((k) => <option>{k}</option>)}</select></label>
        <label>x <select value={spec.x} onChange={(e) => choose({ ...spec, x: e.target.value })}>
          {(spec.kind === "histogram" ? numbers : columns).map((c) => <option>{c}</option>)}</select></label>
        {spec.kind !== "histogram" && (
          <label>y <select value={spec.y.length > 1 ? ALL : spec.y[0]} onChange={(e) => choose({ ...spec, y: e.target.value === ALL ? several : [e.target.value] })}>
            {several.length > 1 && <option value={ALL}>{several.join(", ")}</option>}{numbers.map((c) => <option value={c}>{c}</option>)}</select></label>)}
      </div>
      {cut > 0 && <p role="status">Only the first {LABELS} of {rows.length} rows are drawn.</p>}
      <div ref={host} role="img" aria-label={`${spec.kind} of ${spec.y.join(", ")} by ${spec.x}`} />
    </section>
  );
}

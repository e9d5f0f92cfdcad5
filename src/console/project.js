// A project's graph as the pages use it: nodes by id with parents and children, states, levels.

const BAD = new Set(["fail", "error", "runtime error"]);
const GOOD = new Set(["success", "pass"]);

// One of: bad, warn, running (of a run), good, skipped, none.
export function tone(status) {
  if (BAD.has(status)) return "bad";
  if (GOOD.has(status)) return "good";
  return ["warn", "running", "skipped"].includes(status) ? status : "none";
}
const RANK = { bad: 0, warn: 1, skipped: 2, none: 3, good: 4 };

export const isTest = (n) => n.resource_type === "test" || n.resource_type === "unit_test";
export const statusOf = (n) => (n.error ? "error" : n.last ? n.last.status : "");
// What failed first; else as they are built.
export const byTone = (a, b) => RANK[tone(statusOf(a))] - RANK[tone(statusOf(b))];

export function projectOf(graph) {
  const nodes = new Map();
  for (const n of graph.nodes) nodes.set(n.unique_id, { ...n, parents: [], children: [] });
  for (const n of nodes.values()) {
    for (const id of n.depends_on) {
      const parent = nodes.get(id);
      if (parent) { n.parents.push(parent); parent.children.push(n); }
    }
  }
  return { name: graph.project, target: graph.target, bad: graph.bad, nodes, list: [...nodes.values()] };
}

// The nodes at most that many steps up and down from one.
export function around(node, up, down) {
  const seen = new Set([node]);
  for (const [side, steps] of [["parents", up], ["children", down]]) {
    let edge = [node];
    for (let i = 0; i < steps && edge.length > 0; i++) {
      edge = edge.flatMap((n) => n[side]).filter((n) => !seen.has(n) && !isTest(n) && seen.add(n));
    }
  }
  return [...seen];
}

// How far each of the nodes is from one that depends on none of them: [[level 0], [level 1] ...].
export function levelsOf(list) {
  const among = new Set(list), level = new Map(), out = [];
  const waits = new Map(list.map((n) => [n, n.parents.filter((p) => among.has(p)).length]));
  let ready = list.filter((n) => waits.get(n) === 0);
  for (const n of ready) level.set(n, 0);
  while (ready.length > 0) {
    const next = [];
    for (const n of ready) {
      (out[level.get(n)] ||= []).push(n);
      for (const c of n.children) {
        if (!among.has(c)) continue;
        level.set(c, Math.max(level.get(c) || 0, level.get(n) + 1));
        waits.set(c, waits.get(c) - 1);
        if (waits.get(c) === 0) next.push(c);
      }
    }
    ready = next;
  }
  return out;
}

// Times of SQLite are UTC and do not say so.
export function utc(text) {
  return text ? Date.parse(text.replace(" ", "T") + (/Z$/.test(text) ? "" : "Z")) : NaN;
}
export function took(ms) {
  if (ms === null || ms === undefined || Number.isNaN(ms)) return "";
  if (ms < 1000) return Math.round(ms) + " ms";
  return ms < 60000 ? (ms / 1000).toFixed(1) + " s" : Math.floor(ms / 60000) + " min " + Math.round((ms % 60000) / 1000) + " s";
}

// A run's results in lanes: what ran at once lies in different ones.
export function lanesOf(results) {
  const lanes = [];
  const bars = results.filter((r) => r.at).map((r) => ({ r, from: utc(r.at), to: utc(r.at) + Math.max(r.ms || 0, 0) }));
  bars.sort((a, b) => a.from - b.from);
  const workers = [...new Set(bars.map((b) => b.r.worker).filter(Boolean))].sort((a, b) => a - b);
  for (const bar of bars) { // a lane for each worker; without one the first that is free
    let lane = workers.indexOf(bar.r.worker);
    if (lane < 0) lane = lanes.findIndex((end, i) => i >= workers.length && end <= bar.from);
    if (lane < 0) lane = Math.max(lanes.length, workers.length);
    lanes[lane] = bar.to;
    bar.lane = lane;
  }
  return { bars, lanes: lanes.length, from: Math.min(...bars.map((b) => b.from)), to: Math.max(...bars.map((b) => b.to)) };
}

// The lineage graph: what depends on what, from left to right. One stop of Tab; arrows go along the
// edges and up and down between neighbours, Enter opens.

import { h } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import dagre from "@dagrejs/dagre";
import { statusOf, tone } from "./project.js";

const HIGH = 26, LETTER = 7.2, WIDE = 240;

const shown = (n) => (n.node.length > 30 ? n.node.slice(0, 29) + "…" : n.node);

function layout(nodes) {
  const g = new dagre.graphlib.Graph(), among = new Set(nodes);
  // The ranker that is fast: 1,000 nodes take a second, by the default six
  g.setGraph({ rankdir: "LR", ranker: "tight-tree", nodesep: 10, ranksep: 46, marginx: 8, marginy: 8 });
  g.setDefaultEdgeLabel(() => ({}));
  for (const n of nodes) g.setNode(n.unique_id, { width: Math.min(shown(n).length * LETTER + 26, WIDE), height: HIGH, n });
  for (const n of nodes) for (const p of n.parents) if (among.has(p)) g.setEdge(p.unique_id, n.unique_id);
  dagre.layout(g);
  return { boxes: g.nodes().map((id) => g.node(id)), edges: g.edges().map((e) => g.edge(e).points), size: g.graph() };
}

const path = (points) => "M" + points.map((p) => p.x.toFixed(1) + " " + p.y.toFixed(1)).join("L");

// The nearest box in the direction of a key.
function neighbour(boxes, from, key) {
  const dx = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0, dy = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
  const near = dx === 1 ? new Set(from.n.children) : dx === -1 ? new Set(from.n.parents) : null;
  let best = null, least = Infinity;
  for (const b of boxes) {
    const x = b.x - from.x, y = b.y - from.y;
    if (b === from || (near ? !near.has(b.n) : x * x > 900 || y * dy <= 0)) continue;
    const far = Math.abs(x) + Math.abs(y);
    if (far < least) { least = far; best = b; }
  }
  return best;
}

export function Lineage({ nodes, center, onChoose, label }) {
  const made = useMemo(() => layout(nodes), [nodes.map((n) => n.unique_id).join()]);
  const now = new Map(nodes.map((n) => [n.unique_id, n]));
  const [at, setAt] = useState(center ? center.unique_id : null), [zoom, setZoom] = useState(1), box = useRef(null);
  const here = now.has(at) ? at : center && now.has(center.unique_id) ? center.unique_id : made.boxes[0] && made.boxes[0].n.unique_id;
  function key(e, b) {
    if (e.key === "Enter" || e.key === " ") { e.preventDefault(); onChoose(b.n.unique_id); }
    if (!e.key.startsWith("Arrow")) return;
    e.preventDefault();
    const to = neighbour(made.boxes, b, e.key);
    if (!to) return;
    setAt(to.n.unique_id);
    const g = box.current.querySelector(`[data-id="${CSS.escape(to.n.unique_id)}"]`);
    g.focus();
    g.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  const wide = made.size.width || 10, high = made.size.height || 10;
  const fit = () => setZoom(Math.max(0.1, Math.min(1, box.current.clientWidth / wide)));
  return (
    <div class="lineage">
      <div class="tools"><button onClick={() => setZoom(zoom / 1.4)} aria-label="smaller">−</button>
        <button onClick={() => setZoom(zoom * 1.4)} aria-label="larger">+</button><button onClick={fit}>Fit</button></div>
      <div class="graph" ref={box}>
        <svg width={wide * zoom} height={high * zoom} viewBox={`0 0 ${wide} ${high}`} role="group" aria-label={label}>
          {made.edges.map((points) => <path class="edge" d={path(points)} />)}
          {made.boxes.map((b) => {
            const n = now.get(b.n.unique_id) || b.n, status = statusOf(n);
            return (
              <g class={"node " + tone(status) + (center && n.unique_id === center.unique_id ? " center" : "")} data-id={n.unique_id} role="button"
                tabindex={n.unique_id === here ? 0 : -1} aria-label={[n.node, n.kind, status || "not run"].join(", ")}
                transform={`translate(${b.x - b.width / 2} ${b.y - HIGH / 2})`}
                onClick={() => onChoose(n.unique_id)} onKeyDown={(e) => key(e, b)} onFocus={() => setAt(n.unique_id)}>
                <title>{n.unique_id}</title><rect width={b.width} height={HIGH} rx="5" /><circle cx="11" cy={HIGH / 2} r="4" />
                <text x="21" y={HIGH / 2 + 4}>{shown(n)}</text>
              </g>);
          })}
        </svg>
      </div>
    </div>);
}

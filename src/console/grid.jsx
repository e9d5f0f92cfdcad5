// A table of any length: only the rows in sight are in the page.

import { h } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Exact, stringify } from "./exact.js";

const ROW = 26, BEYOND = 10;

// A cell's text and kind: what is not there, what is null and the text "null" look different.
export function cellOf(v) {
  if (v === undefined) return { text: "", kind: "undefined", title: "undefined: the document has no such field" };
  if (v === null) return { text: "null", kind: "null", title: "null" };
  if (typeof v === "number" || v instanceof Exact) return { text: String(v), kind: "number" };
  if (typeof v === "boolean") return { text: String(v), kind: "bool" };
  if (typeof v === "string") return { text: v, kind: "text" };
  if (v.__rockset_type !== undefined && typeof v.value !== "object")
    return { text: String(v.value), kind: "typed", title: v.__rockset_type };
  const text = JSON.stringify(v);
  return { text: text.length > 200 ? text.slice(0, 200) + "…" : text, kind: "json", title: "Enter or click: unfold" };
}

function widths(columns, rows) {
  return columns.map((c) => {
    let n = c.length + 2;
    for (let i = 0; i < Math.min(rows.length, 50); i++) n = Math.max(n, cellOf(rows[i][c]).text.length);
    return Math.min(Math.max(n, 4), 48) + 3;
  });
}

export function Grid({ columns, rows, label }) {
  const box = useRef(null);
  const [view, setView] = useState({ top: 0, height: 400 });
  const [at, setAt] = useState({ row: 0, column: 0 });
  const [open, setOpen] = useState(null);
  const sizes = useRef({ key: "", v: [] });
  const key = columns.join("\n") + (rows.length > 50);
  if (sizes.current.key !== key) sizes.current = { key, v: widths(columns, rows) };

  useEffect(() => {
    const el = box.current;
    const measure = () => setView({ top: el.scrollTop, height: el.clientHeight });
    const watch = new ResizeObserver(measure);
    watch.observe(el);
    el.addEventListener("scroll", measure, { passive: true });
    return () => { watch.disconnect(); el.removeEventListener("scroll", measure); };
  }, []);

  const first = Math.max(0, Math.floor(view.top / ROW) - BEYOND);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / ROW) + BEYOND);
  const template = "6ch " + sizes.current.v.map((n) => n + "ch").join(" ");

  function move(e) {
    const steps = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1],
      PageDown: [Math.floor(view.height / ROW), 0], PageUp: [-Math.floor(view.height / ROW), 0] };
    let next = null;
    if (steps[e.key]) next = { row: at.row + steps[e.key][0], column: at.column + steps[e.key][1] };
    else if (e.key === "Home") next = { row: e.ctrlKey ? 0 : at.row, column: 0 };
    else if (e.key === "End") next = { row: e.ctrlKey ? rows.length - 1 : at.row, column: columns.length - 1 };
    else if (e.key === "Enter") setOpen({ ...at });
    else if (e.key === "Escape") setOpen(null);
    else if (e.key === "c" && (e.ctrlKey || e.metaKey) && !String(getSelection())) {
      const v = rows[at.row][columns[at.column]];
      navigator.clipboard.writeText(typeof v === "string" ? v : v === undefined ? "" : stringify(v));
    } else return;
    e.preventDefault();
    if (!next) return;
    next.row = Math.max(0, Math.min(rows.length - 1, next.row));
    next.column = Math.max(0, Math.min(columns.length - 1, next.column));
    setAt(next);
    const el = box.current, y = next.row * ROW;
    if (y < el.scrollTop) el.scrollTop = y;
    else if (y + 2 * ROW > el.scrollTop + el.clientHeight) el.scrollTop = y + 2 * ROW - el.clientHeight;
  }

  const lines = [];
  for (let i = first; i < last; i++) {
    lines.push(
      <div class="row" role="row" aria-rowindex={i + 2} key={i} style={{ top: i * ROW + "px", gridTemplateColumns: template }}>
        <div class="n" role="rowheader">{i + 1}</div>
        {columns.map((c, k) => {
          const cell = cellOf(rows[i][c]), here = at.row === i && at.column === k;
          return (
            <div role="gridcell" aria-colindex={k + 2} aria-selected={here} title={cell.title}
              class={"cell " + cell.kind + (here ? " here" : "")}
              onClick={() => { setAt({ row: i, column: k }); setOpen(cell.kind === "json" || cell.text.length > 46 ? { row: i, column: k } : null); }}>
              {cell.text}
            </div>
          );
        })}
      </div>);
  }
  const opened = open && rows[open.row] ? rows[open.row][columns[open.column]] : undefined;
  return (
    <div class="gridbox">
      <div class="grid" ref={box} role="grid" tabIndex={0} aria-label={label} aria-rowcount={rows.length + 1} onKeyDown={move}>
        <div class="head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
          <div class="n" role="columnheader"><span class="hidden">row</span></div>
          {columns.map((c) => <div role="columnheader" class="cell" title={c}>{c}</div>)}
        </div>
        <div class="body" role="rowgroup" style={{ height: rows.length * ROW + "px" }}>{lines}</div>
      </div>
      {open && (
        <aside class="unfolded" aria-label={"value of " + columns[open.column]}>
          <header><b>{columns[open.column]}</b>, row {open.row + 1}
            <button onClick={() => setOpen(null)} aria-label="close">×</button></header>
          <pre>{opened === undefined ? "undefined" : typeof opened === "string" ? opened : stringify(opened)}</pre>
        </aside>)}
    </div>
  );
}

// What the pages share.

import { h } from "preact";
import { useEffect, useState } from "preact/hooks";
import { tone } from "./project.js";

// Loads something once for each change of deps: {value} or {error}, neither while it is on its way.
export function useLoaded(load, deps) {
  const [state, setState] = useState({});
  useEffect(() => {
    const control = new AbortController();
    setState((s) => ({ value: s.value }));
    load(control.signal).then((value) => { if (!control.signal.aborted) setState({ value }); },
      (error) => { if (!control.signal.aborted) setState({ error }); });
    return () => control.abort();
  }, deps);
  return state;
}

export const Failed = ({ of }) => (of.error ? <pre class="error" role="alert">{of.error.message}</pre> : null);

export function Filter({ value, onChange, label }) {
  return <input type="search" class="filter" value={value} placeholder={label} aria-label={label} onInput={(e) => onChange(e.target.value)} />;
}

// A status as a word and a colour; brief: the colour alone, the word for who does not see it.
export function Status({ of, brief }) {
  const word = of || "not run";
  return <span class={"status " + tone(of)}><i aria-hidden="true" />{brief ? <span class="hidden">{word}</span> : word}</span>;
}

// The node that the address names: #models/model.shop.orders
export function nodeOf() {
  const m = /^#models\/(.+)$/.exec(location.hash);
  try { return m ? decodeURIComponent(m[1]) : null; } catch { return null; }
}

export function when(text) {
  if (!text) return "";
  // SQLite's are UTC and do not say so
  const t = new Date(typeof text === "number" ? text : String(text).replace(/^(\S+) (\S+)$/, "$1T$2Z"));
  return Number.isNaN(t.getTime()) ? String(text) : t.toISOString().replace("T", " ").slice(0, 19);
}

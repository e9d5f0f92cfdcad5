// What the pages share.

import { h } from "preact";
import { useEffect, useState } from "preact/hooks";

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

export function when(text) {
  if (!text) return "";
  const t = new Date(typeof text === "number" ? text : String(text));
  return Number.isNaN(t.getTime()) ? String(text) : t.toISOString().replace("T", " ").slice(0, 19);
}

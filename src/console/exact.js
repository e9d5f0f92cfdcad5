// JSON whose numbers stay what was written. A number that a double can't hold is an Exact: it shows
// all its digits, and counts as its nearest double where a chart needs one.

export class Exact {
  constructor(text) { this.text = text; }
  toString() { return this.text; }
  valueOf() { return Number(this.text); }
  toJSON() { return Number(this.text); }
}

export function number(text) {
  const n = Number(text);
  // 1.50 and 1e3 are doubles, whatever their spelling; digits beyond 2^53 are not
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(n) ? new Exact(text) : n;
}

const literals = { t: ["true", true], f: ["false", false], n: ["null", null] };

class Reader {
  constructor(text) { this.text = text; this.at = 0; }

  fail() { throw new SyntaxError("no JSON at character " + this.at); }

  blank() { while (" \n\r\t".includes(this.text[this.at]) && this.at < this.text.length) this.at++; }

  value() {
    this.blank();
    const c = this.text[this.at];
    if (c === "{") return this.object();
    if (c === "[") return this.array();
    if (c === '"') return this.string();
    if (literals[c] && this.text.startsWith(literals[c][0], this.at)) {
      this.at += literals[c][0].length;
      return literals[c][1];
    }
    const end = this.text.slice(this.at, this.at + 400).search(/[^-+.0-9eE]/);
    const text = this.text.slice(this.at, end < 0 ? undefined : this.at + end);
    if (text === "" || Number.isNaN(Number(text))) this.fail();
    this.at += text.length;
    return number(text);
  }

  string() {
    let end = this.at + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === "\\" ? 2 : 1;
    const text = this.text.slice(this.at, end + 1);
    this.at = end + 1;
    return JSON.parse(text);
  }

  array() {
    const out = [];
    this.at++;
    this.blank();
    if (this.text[this.at] === "]") { this.at++; return out; }
    for (;;) {
      out.push(this.value());
      this.blank();
      const c = this.text[this.at++];
      if (c === "]") return out;
      if (c !== ",") this.fail();
    }
  }

  object() {
    const out = {};
    this.at++;
    this.blank();
    if (this.text[this.at] === "}") { this.at++; return out; }
    for (;;) {
      this.blank();
      const key = this.string();
      this.blank();
      if (this.text[this.at++] !== ":") this.fail();
      // not by assignment: a field may be called __proto__
      Object.defineProperty(out, key, { value: this.value(), enumerable: true, writable: true, configurable: true });
      this.blank();
      const c = this.text[this.at++];
      if (c === "}") return out;
      if (c !== ",") this.fail();
    }
  }
}

export function parse(text) {
  const r = new Reader(text), v = r.value();
  r.blank();
  if (r.at !== text.length) r.fail();
  return v;
}

// The text of a value: as parse() read it.
export function stringify(v, indent = "") {
  const deeper = indent + "  ";
  if (v instanceof Exact) return v.text;
  if (v === null || typeof v !== "object") return JSON.stringify(v);
  const list = Array.isArray(v);
  const items = list ? v.map((x) => stringify(x, deeper))
    : Object.keys(v).map((k) => JSON.stringify(k) + ": " + stringify(v[k], deeper));
  if (items.length === 0) return list ? "[]" : "{}";
  const flat = items.join(", ");
  if (flat.length < 80 && !flat.includes("\n")) return list ? `[${flat}]` : `{${flat}}`;
  return (list ? "[\n" : "{\n") + items.map((x) => deeper + x).join(",\n") + "\n" + indent + (list ? "]" : "}");
}

// An answer of the query API while it comes: rows are handed over as soon as they are whole, what
// else the answer holds comes at the end.
export class RowStream {
  constructor(onRows) {
    this.onRows = onRows;
    this.rest = "";      // the answer without its rows
    this.row = "";       // what is there of the current row
    this.depth = 0;
    this.inString = this.escaped = this.inRows = false;
    this.key = this.last = "";
  }

  push(chunk) {
    const rows = [];
    let from = 0;        // where the text begins that is neither kept nor left yet
    for (let i = 0; i < chunk.length; i++) {
      const c = chunk[i];
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (c === "\\") this.escaped = true;
        else if (c === '"') this.inString = false;
        if (this.inString && this.depth === 1) this.last += c;
        continue;
      }
      if (c === '"') { this.inString = true; if (this.depth === 1) this.last = ""; }
      else if (c === ":" && this.depth === 1) this.key = this.last;
      else if (c === "{" || c === "[") {
        if (this.depth === 1 && c === "[" && this.key === "results") {
          this.rest += chunk.slice(from, i + 1);
          from = i + 1;
          this.inRows = true;
        }
        this.depth++;
      } else if (c === "}" || c === "]") {
        this.depth--;
        if (!this.inRows) continue;
        if (this.depth === 2) {
          rows.push(parse(this.row + chunk.slice(from, i + 1)));
          this.row = "";
          from = i + 1;
        } else if (this.depth === 1) {
          from = i;
          this.row = "";
          this.inRows = false;
        }
      } else if (c === "," && this.inRows && this.depth === 2) from = i + 1;
    }
    if (this.inRows) this.row += chunk.slice(from);
    else this.rest += chunk.slice(from);
    if (rows.length > 0) this.onRows(rows);
  }

  end() { return parse(this.rest); }
}

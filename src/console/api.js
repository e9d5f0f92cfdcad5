// Requests to the server. The key lives in this module's memory only: closing the page forgets it.

import { parse, RowStream } from "./exact.js";

let key = "";
const ORG = "/v1/orgs/self";

export function setKey(k) { key = k; }
export function hasKey() { return key !== ""; }

// What the server says is wrong, with the place in the statement where it knows one.
export class ApiError extends Error {
  constructor(status, body) {
    super(body.message || "the server answers " + status);
    this.status = status;
    this.line = body.line || 0;
    this.column = body.column || 0;
    this.trace = body.trace_id || "";
  }
}

function options(method, body, signal) {
  const headers = { Accept: "application/json", Authorization: "ApiKey " + key };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return { method, headers, signal, cache: "no-store", body: body === undefined ? undefined : JSON.stringify(body) };
}

async function send(method, path, body, signal) {
  let response;
  try {
    response = await fetch(ORG + path, options(method, body, signal));
  } catch (e) {
    if (e.name === "AbortError") throw e;
    throw new ApiError(0, { message: "the server can't be reached: does rocksetd still run?" });
  }
  if (response.ok) return response;
  let said = {};
  try { said = parse(await response.text()); } catch { /* no JSON: the status must do */ }
  const error = new ApiError(response.status, said);
  if (error.status === 401) window.dispatchEvent(new CustomEvent("key-refused", { detail: error.message }));
  throw error;
}

export async function ask(method, path, body, signal) {
  return parse(await (await send(method, path, body, signal)).text());
}
export const get = (path, signal) => ask("GET", path, undefined, signal);

// What is no JSON and lies outside of the organization: /metrics.
export async function text(path) {
  const response = await fetch(path, { ...options("GET"), headers: { Authorization: "ApiKey " + key } });
  if (!response.ok) throw new ApiError(response.status, {});
  return response.text();
}

export const part = encodeURIComponent;

// Runs a statement. onRows gets rows as they come; resolves to the rest of the answer.
export async function query(sql, parameters, onRows, signal, path = "/queries", body = { sql: { query: sql, parameters } }) {
  const response = await send("POST", path, body, signal);
  const stream = new RowStream(onRows), decoder = new TextDecoder();
  const reader = response.body.getReader();
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.length;
    stream.push(decoder.decode(value, { stream: true }));
  }
  stream.push(decoder.decode());
  return { ...stream.end(), bytes };
}

// All rows of a small query.
export async function rowsOf(sql, signal) {
  const rows = [];
  const answer = await query(sql, [], (r) => rows.push(...r), signal);
  return { rows, columns: columnsOf(answer, rows) };
}

export function columnsOf(answer, rows) {
  const fields = (answer.column_fields || []).map((f) => f.name);
  if (fields.length > 0) return fields;
  const names = new Set();
  for (const r of rows) for (const k of Object.keys(r)) names.add(k);
  return [...names];
}

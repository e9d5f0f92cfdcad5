// Results as files, and a query as a program's text.

import { Exact, stringify } from "./exact.js";

export function csvCell(v) {
  if (v === undefined || v === null) return "";
  const text = typeof v === "object" && !(v instanceof Exact) ? stringify(v) : String(v);
  return /[",\n\r]/.test(text) || text === "" ? '"' + text.replaceAll('"', '""') + '"' : text;
}

export function csv(columns, rows) {
  const lines = [columns.map(csvCell).join(",")];
  for (const r of rows) lines.push(columns.map((c) => csvCell(r[c])).join(","));
  return lines.join("\r\n") + "\r\n";
}

export const json = (rows) => "[\n" + rows.map((r) => stringify(r, "")).join(",\n") + "\n]\n";

export function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const a = document.createElement("a");
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

const shell = (text) => "'" + text.replaceAll("'", "'\\''") + "'";
const sqlText = (text) => "'" + text.replaceAll("'", "''") + "'";

export function asCurl(sql, parameters) {
  return `curl -H "Authorization: ApiKey $ROCKSET_APIKEY" -H 'Content-Type: application/json' \\\n` +
    `  ${location.origin}/v1/orgs/self/queries -d ${shell(JSON.stringify({ sql: { query: sql, parameters } }))}\n`;
}

export function asPython(sql, parameters) {
  const head = "import os\nfrom rockset import RocksetClient\n\n" +
    `client = RocksetClient(host=${JSON.stringify(location.origin)}, api_key=os.environ["ROCKSET_APIKEY"])\n`;
  const more = parameters.length > 0 ? `, params=${JSON.stringify(Object.fromEntries(parameters.map((p) => [p.name, p.value])))}` : "";
  return head + `for row in client.sql(${JSON.stringify(sql)}${more}).results:\n    print(row)\n`;
}

export function asSqlite(sql, parameters) {
  const more = parameters.length > 0 ? ", " + sqlText(JSON.stringify(Object.fromEntries(parameters.map((p) => [p.name, p.value])))) : "";
  return `.load rockset_ext\nSELECT rockset_profile('rocksetd');\nSELECT * FROM rockset_query(${sqlText(sql)}${more});\n`;
}

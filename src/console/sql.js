// SQL text that the console itself writes.

export const ident = (name) => '"' + String(name).replaceAll('"', '""') + '"';
export const relation = (workspace, name) => workspace.split(".").map(ident).join(".") + "." + ident(name);

// What "Query" asks of a collection, a view or a model.
export const rowsOfAll = (from) => `SELECT * FROM ${from} LIMIT 1000`;

// The parameters that a statement names, in order: :name. Texts, quoted names and comments aside.
export function parameters(sql) {
  const names = [];
  const bare = sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g, " ");
  for (const m of bare.matchAll(/(?<![:\w]):([A-Za-z_]\w*)/g)) if (!names.includes(m[1])) names.push(m[1]);
  return names;
}

// A type for a parameter's text, as the API names them.
export function typeOf(text) {
  if (/^-?\d+$/.test(text)) return "int";
  if (/^-?\d*\.\d+([eE][-+]?\d+)?$/.test(text)) return "float";
  if (text === "true" || text === "false") return "bool";
  return "string";
}

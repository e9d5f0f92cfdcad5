// first.sql by a module of Node's: `better-sqlite3` or `node:sqlite`.
const fs = require('node:fs');
const { getLoadablePath, load } = require('rockset-ext');

const [name, script] = process.argv.slice(2);
let db;
if (name === 'better-sqlite3') {
  const Database = require('better-sqlite3');
  db = new Database('app.db');
} else {
  const { DatabaseSync } = require('node:sqlite');
  db = new DatabaseSync('app.db', { allowExtension: true });
}
load(db);
for (const line of fs.readFileSync(script, 'utf8').split('\n')) {
  if (line === '' || line.startsWith('--')) continue;
  if (!line.startsWith('SELECT')) db.exec(line);
  else console.log(Object.values(db.prepare(line).get())[0]);
}
db.close();
if (!getLoadablePath().endsWith('rockset_ext.so')) throw new Error(getLoadablePath());
try {
  load('app.db');
} catch (error) {
  console.log(error.message);
}

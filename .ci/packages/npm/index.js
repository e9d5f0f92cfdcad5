'use strict';
// rockset-ext: where the SQLite extension of this machine lies, and how it gets into a connection.

const path = require('node:path');

const MACHINES = { 'linux-x64': 'rockset-ext-linux-x64', 'linux-arm64': 'rockset-ext-linux-arm64' };

/** The extension's path, as a connection's loadExtension() takes it. */
function getLoadablePath() {
  const machine = `${process.platform}-${process.arch}`;
  const name = MACHINES[machine];
  if (name === undefined) {
    throw new Error(
      `rockset-ext has no build for ${machine}; it has ${Object.keys(MACHINES).join(', ')}. ` +
        'Build it from source: make, then load build/rockset_ext.so'
    );
  }
  let found;
  try {
    found = require.resolve(`${name}/package.json`);
  } catch {
    throw new Error(
      `the package ${name} is not installed: npm leaves it out with --omit=optional, or when the lock file ` +
        `was written on another machine. npm install ${name} adds it`
    );
  }
  return path.join(path.dirname(found), 'rockset_ext.so');
}

/** Loads the extension into a connection of better-sqlite3 or node:sqlite. */
function load(db) {
  if (db === null || typeof db !== 'object' || typeof db.loadExtension !== 'function') {
    throw new TypeError(
      'rockset-ext: load() wants a connection with loadExtension(): better-sqlite3, or node:sqlite opened with ' +
        'new DatabaseSync(file, { allowExtension: true })'
    );
  }
  db.loadExtension(getLoadablePath());
}

module.exports = { getLoadablePath, load };

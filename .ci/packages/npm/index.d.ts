/** A connection that loads extensions: better-sqlite3's Database, or node:sqlite's DatabaseSync opened with `allowExtension`. */
export interface Connection {
  loadExtension(path: string): unknown;
}

/** The path of the extension for this machine. Throws where there is none. */
export function getLoadablePath(): string;

/** Loads the extension into a connection. */
export function load(db: Connection): void;

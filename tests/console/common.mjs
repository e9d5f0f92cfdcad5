// What the tests of the console share: a server, a page that notices what goes wrong, TAP. See run.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";

const require = createRequire(join(process.env.PACKAGES, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const KEY = "an admin key for the console's tests";
const WAIT = 20000, shots = process.env.SHOTS;
export const folder = mkdtempSync(join(tmpdir(), "rocksetd-console-"));

// ---- the server ---------------------------------------------------------------------------------

let started = 0;

export function start(...more) {
  const server = spawn(process.env.ROCKSETD, ["--database", join(folder, `data${++started}.duckdb`), "--listen", "127.0.0.1:0", "--quiet", ...more],
    { env: { ...process.env, ROCKSETD_ADMIN_KEY: KEY }, stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((ok, no) => {
    let text = "";
    server.stdout.on("data", (d) => {
      text += d;
      const m = /listening on (\S+)/.exec(text);
      if (m) ok({ url: m[1], stop: () => new Promise((done) => { server.on("exit", done); server.kill("SIGTERM"); }) });
    });
    server.on("exit", () => no(new Error("rocksetd did not start")));
  });
}

export async function api(url, method, path, body) {
  const r = await fetch(url + "/v1/orgs/self" + path, { method, body: body && JSON.stringify(body),
    headers: { Authorization: "ApiKey " + KEY, "Content-Type": "application/json" } });
  assert.ok(r.ok, method + " " + path + ": " + await r.clone().text());
  return r.json();
}

// ---- the page -----------------------------------------------------------------------------------

export class Page {
  constructor(page, url) {
    this.page = page;
    this.problems = [];
    // what the browser says of answers that are errors by intention is no problem
    page.on("console", (m) => { if (m.type() === "error" && !/Failed to load resource/.test(m.text())) this.problems.push(m.text()); });
    page.on("pageerror", (e) => this.problems.push(e.message));
    page.on("request", (r) => { if (!r.url().startsWith(url) && !/^(data|blob):/.test(r.url())) this.problems.push("request to " + r.url()); });
  }

  async open(key = KEY) {
    await this.page.fill("input[type=password]", key);
    await this.page.click("button:text('Open')");
    if (key === KEY) await this.page.waitForSelector(".editor .cm-content");
  }

  async type(sql) {
    await this.page.click(".editor .cm-content");
    await this.page.keyboard.press("Control+A");
    await this.page.keyboard.insertText(sql);
    await this.page.keyboard.press("Escape");
  }

  // What the run with that number came to.
  async done(number = 1) {
    await this.page.waitForSelector(`main.query[data-run="${number}"][aria-busy="false"]`);
    return this.page.textContent("main.query .summary");
  }

  async run(sql) {
    await this.type(sql);
    const number = Number(await this.page.getAttribute("main.query", "data-run")) + 1;
    await this.page.keyboard.press("Control+Enter");
    return this.done(number);
  }

  rows() {
    return this.page.$$eval("main.query .grid .row", (rows) => rows.map((r) => [...r.querySelectorAll(".cell")].map((c) => c.textContent)));
  }

  async shot(name) { if (shots) await this.page.screenshot({ path: join(shots, name + ".png") }); }

  async accessible(what) {
    await this.page.evaluate(axe);
    const found = await this.page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
    const bad = found.violations.filter((v) => ["serious", "critical"].includes(v.impact));
    assert.deepEqual(bad.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`), [], what);
  }
}

// What an action does to the page may come a moment later: `check` is tried until it holds.
export async function eventually(check) {
  for (const end = Date.now() + WAIT; ; ) {
    try { return await check(); } catch (e) { if (Date.now() > end) throw e; }
    await new Promise((ok) => setTimeout(ok, 20));
  }
}

// ---- running ------------------------------------------------------------------------------------

let passed = 0, failed = 0;
export function report(name, error) {
  if (error) failed++;
  else passed++;
  console.log(`${error ? "not ok" : "ok"} - console: ${name}${error ? "\n# " + String(error.stack).replaceAll("\n", "\n# ") : ""}`);
}

// Each test with a page of its own: on `file`, or on the server of those arguments, where fill(url) comes first.
export async function run(tests, { fill, file, args = [], wanted = [] }) {
  const server = file ? null : await start(...args), url = file ? "file://" + file : server.url;
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    if (fill) await fill(url);
    for (const [name, test] of Object.entries(tests)) {
      if (wanted.length > 0 && !wanted.some((w) => name.includes(w))) continue;
      const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, acceptDownloads: true });
      const page = await context.newPage(), p = new Page(page, file ? url : url + "/");
      page.setDefaultTimeout(WAIT);
      try {
        await page.goto(file ? url : url + "/");
        await test({ page, p, context, url });
        assert.deepEqual(p.problems, []);
        report(name);
      } catch (e) { report(name, e); }
      await context.close();
    }
  } finally {
    await browser.close();
    if (server) await server.stop();
  }
}

export function end() {
  rmSync(folder, { recursive: true, force: true });
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed > 0 || passed === 0 ? 1 : 0);
}

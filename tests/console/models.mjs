// The Models page, on a project that was built, on one of 1,000 models, and as a file.

import { execFileSync, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import assert from "node:assert/strict";
import { api, eventually, folder, run } from "./common.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const maker = [join(here, "project.py"), join(dirname(process.env.ROCKSETD), "rockset_ext.so")];
const python = (...args) => execFileSync("/usr/bin/python3", [...maker, ...args], { encoding: "utf8" }).trim();
const small = join(folder, "app.db"), big = join(folder, "big.db");

async function open(page, p) {
  await p.open();
  await page.click(".top a:text-is('Models')");
  await page.waitForSelector(".models .graph .node");
}
// a collection of the server's own under the name of a model
async function orders(url) {
  await api(url, "POST", "/ws/commons/collections", { name: "orders" });
  await api(url, "POST", "/ws/commons/collections/orders/docs", { data: [{ _id: "1", amount: 3, only_here: "x" }] });
}
const texts = (page, what) => page.$$eval(what, (all) => all.map((x) => x.textContent.trim()));

const shop = {
  async "what fails comes first"({ page, p }) {
    await open(page, p);
    await eventually(async () => assert.match(await page.textContent(".models h1"), /^shop/));
    const failing = await texts(page, "[aria-label='what fails'] tbody tr td:first-child");
    assert.deepEqual(failing, ["amounts_are_small"]);
    await eventually(async () => assert.match(await page.textContent("[aria-label='what fails']"), /fail.*orders.*Got 4 results/));
    await eventually(async () => assert.match((await texts(page, "nav[aria-label=nodes] li"))[0], /^fail amounts_are_small/));
    await p.accessible("models");
    await p.shot("models");
  },
  async "the lineage, by mouse and by keys"({ page, p }) {
    await open(page, p);
    const names = await texts(page, ".graph .node text");
    for (const name of ["shop.orders", "cities", "stg_orders", "daily", "weekly"]) assert.ok(names.includes(name), name);
    assert.ok(!names.includes("amounts_are_small"), "tests are no nodes of the lineage");
    await page.focus(".graph .node[aria-label^='shop.orders']");
    await page.keyboard.press("ArrowRight");
    const at = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
    await eventually(async () => assert.match(await at(), /^stg_orders, view, success/));
    await page.keyboard.press("ArrowLeft");
    await eventually(async () => assert.match(await at(), /^shop.orders/));
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.waitForSelector("section[aria-label='model.shop.stg_orders']");
    await page.goBack();
    await page.waitForSelector("[aria-label='what fails']");
    await page.click(".graph .node[aria-label^='customers,']");
    await page.waitForSelector("section[aria-label='model.shop.customers']");
  },
  async "search and filters"({ page, p }) {
    await open(page, p);
    const listed = () => texts(page, "nav[aria-label=nodes] li button");
    await page.fill("input[type=search]", "revenue by");
    await eventually(async () => assert.deepEqual((await listed()).map((t) => t.split(" ")[1]), ["daily"]));
    await page.fill("input[type=search]", "");
    await page.selectOption(".choices select >> nth=0", "test");
    await eventually(async () => assert.equal((await listed()).length, 4));
    await page.selectOption(".choices select >> nth=1", "bad");
    await eventually(async () => assert.equal((await listed()).length, 1));
    await page.selectOption(".choices select >> nth=0", "");
    await page.selectOption(".choices select >> nth=1", "");
    await page.selectOption(".choices select >> nth=2", "nightly");
    await eventually(async () => assert.deepEqual((await texts(page, ".graph .node text")).sort(), ["daily", "weekly"]));
  },
  async "a node: texts, columns, tests, neighbours, history"({ page, p }) {
    await open(page, p);
    await page.click("nav[aria-label=nodes] button:has-text('orders table')");
    await page.waitForSelector(".detail pre.sql");
    await eventually(async () => assert.match(await page.textContent(".detail .text"), /<\/script> and \u{1F600}/u));
    await eventually(async () => assert.match(await page.textContent(".detail pre.sql"), /\{\{ ref\('stg_orders'\) \}\}/));
    await page.click("button:text-is('Compiled SQL')");
    await eventually(async () => assert.match(await page.textContent(".detail pre.sql"), /"commons"\."stg_orders"/));
    const rows = await texts(page, "[aria-label='tests of the node'] tbody tr");
    assert.equal(rows.length, 3);
    assert.match(rows[0], /^amounts_are_small\s*fail\s*4/);
    await eventually(async () => assert.match(await page.textContent(".detail"), /bigintThe key\..*In cents\./s));
    await page.waitForSelector(".detail td:text-is('only_here')"); // the target's own columns, with their types
    await eventually(async () => assert.match(await page.textContent(".detail"), /bigintThe key\.amountintIn cents\..*only_herestring/s));
    await eventually(async () => assert.match(await page.textContent(".detail"), /upstream: stg_.*downstream: (daily|by_city)/s));
    await eventually(async () => assert.equal((await texts(page, ".detail table >> nth=-1 >> tbody tr")).length, 2, "two results"));
    const before = (await texts(page, ".graph .node text")).length;
    await page.click("[aria-label='fewer levels upstream']");
    await page.click("[aria-label='fewer levels upstream']");
    await page.waitForFunction((n) => document.querySelectorAll(".graph .node").length < n, before);
    await p.accessible("node");
    await page.goBack();
    await page.goForward();
    await page.waitForFunction(() => document.activeElement.getAttribute("aria-label") === "model.shop.orders");
    await page.waitForSelector(".detail pre.sql");
    await page.emulateMedia({ colorScheme: "dark" });
    await p.shot("node");
    await page.click("button:text-is('Query its rows')");
    await page.waitForSelector("main.query .row .cell");
    await eventually(async () => assert.match(await page.textContent(".editor .cm-content"), /SELECT \* FROM "commons"\."orders"/));
    await eventually(async () => assert.match(await page.textContent("main.query .tools"), /Chart/));
  },
  async "the last runs as a timeline"({ page, p }) {
    await open(page, p);
    await page.selectOption(".models label:has-text('run') select >> nth=-1", { index: 1 });
    await page.waitForSelector(".timeline rect.bad");
    for (const title of await texts(page, ".timeline rect title")) assert.match(title, /, worker [1-9]\d*$/);
    await eventually(async () => assert.match(await page.getAttribute(".timeline svg", "aria-label"), /^1\d nodes in .*, at most \d+ at once$/));
    const rows = await texts(page, "[aria-label='results of the run'] tbody tr");
    assert.match(rows[0], /amounts_are_small/);
    await eventually(async () => assert.match(await page.textContent(".detail .summary:has-text('build')"), new RegExp(`error ${rows.length} nodes`)));
    assert.ok(rows.length > 11 && rows.length < 16, String(rows.length));
    await page.click("[aria-label='results of the run'] button:has-text('model.shop.customers')");
    await page.waitForSelector("section[aria-label='model.shop.customers']");
  },
  async "freshness"({ page, p }) {
    await open(page, p);
    const rows = await texts(page, "[aria-label='freshness of sources'] tbody tr");
    assert.deepEqual(rows.map((r) => /^shop\.(\w+)(warn|pass)loaded at/.exec(r).slice(1)).sort(), [["customers", "pass"], ["orders", "warn"]]);
  },
  async "a run that goes on is seen live"({ page, p }) {
    await open(page, p);
    await eventually(async () => assert.match(await page.getAttribute(".graph .node[aria-label^='slow,']", "aria-label"), /not run$/));
    const runs = spawn("/usr/bin/python3", [...maker, "run", small, "stg_customers slow behind"], { stdio: "inherit" });
    const ended = new Promise((ok) => runs.on("exit", ok));
    await page.waitForSelector(".models .summary:has-text('running')");
    assert.equal(await ended, 0);
    await page.waitForSelector(".graph .node[aria-label='behind, table, success']");
    await page.waitForSelector(".models .summary:has-text('success')");
  },
  async "360 px, dark, by keyboard"({ page, p }) {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme: "dark" });
    await open(page, p);
    await eventually(async () => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 360), "the page is too wide"));
    await p.accessible("models, dark");
    await p.shot("phone");
    await page.focus("nav[aria-label=nodes] li button");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".detail h1:has-text('amounts_are_small')");
    await eventually(async () => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 360), "a node is too wide"));
    await p.accessible("node, dark");
  },
};

const thousand = {
  async "1,000 models: by levels, all, one found"({ page, p }) {
    await open(page, p);
    await page.waitForSelector(".models .summary:has-text('100 of 1000 nodes, 1 of 10 levels')");
    await page.click("button:text-is('One level more')");
    await page.waitForSelector(".models .summary:has-text('200 of 1000 nodes, 2 of 10 levels')");
    const begin = Date.now();
    await page.click("button:text-is('All levels')");
    await page.waitForFunction(() => document.querySelectorAll(".graph .node").length === 1000);
    console.log(`# 1,000 nodes drawn in ${Date.now() - begin} ms`);
    await page.click("button:text-is('Fit')");
    await p.accessible("1,000 nodes");
    await page.fill("input[type=search]", "m0555");
    await page.click("nav[aria-label=nodes] li button");
    await page.waitForSelector("section[aria-label='model.project.m0555'] .node.center");
    const near = await page.$$eval(".graph .node", (all) => all.length);
    assert.ok(near > 4 && near < 60, "two levels around: " + near);
    await eventually(async () => assert.match(await page.textContent(".detail h1"), /m0555.*error/));
  },
  async "a filter by tag and status"({ page, p }) {
    await open(page, p);
    await page.selectOption(".choices select >> nth=2", "layer5");
    await page.selectOption(".choices select >> nth=1", "bad");
    await eventually(async () => assert.deepEqual(await texts(page, ".graph .node text"), ["m0555"]));
  },
};

const file = {
  async "a file from disk shows the same, and asks for nothing"({ page, p, url }) {
    const asked = [];
    page.on("request", (r) => asked.push(r.url()));
    await page.reload();
    await page.waitForSelector(".models .graph .node");
    assert.deepEqual(asked, [url]);
    await eventually(async () => assert.deepEqual(await texts(page, "[aria-label='what fails'] tbody tr td:first-child"), ["amounts_are_small"]));
    await eventually(async () => assert.match(await page.textContent(".top"), /^shopas of 20/));
    await page.fill("input[type=search]", "daily");
    await page.click("nav[aria-label=nodes] li button");
    await page.waitForSelector(".detail pre.sql");
    await page.click("button:text-is('Compiled SQL')");
    await eventually(async () => assert.match(await page.textContent(".detail pre.sql"), /from|FROM/));
    await p.accessible("file");
    await page.goBack();
    await page.waitForSelector(".timeline rect");
    await page.goto(url + "#models/model.shop.nobody");
    await page.waitForSelector("[role=alert]:has-text('no node model.shop.nobody')");
  },
  async "its policy forbids what a model would bring in"({ page, p }) {
    const done = await page.evaluate(() => {
      const s = document.createElement("script");
      s.textContent = "window.pwned = 1";
      document.body.append(s);
      return fetch("data:text/plain,x").then(() => "fetched", () => "refused").then((said) => [window.pwned, said]);
    });
    assert.deepEqual(done, [undefined, "refused"]);
    const said = p.problems.splice(0);
    assert.ok(said.length > 1 && said.every((t) => t.includes("Content Security Policy")), said.join("\n"));
  },
};

export async function testModels(wanted) {
  python("small", small);
  python("big", big);
  const made = python("docs", small, join(folder, "site"));
  await run(shop, { args: ["--models", small], wanted, fill: orders });
  await run(thousand, { args: ["--models", big], wanted });
  await run(file, { file: made, wanted });
}

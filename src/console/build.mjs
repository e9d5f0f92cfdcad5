// Makes one page: node build.mjs PACKAGES OUT PAGE. PACKAGES holds node_modules; OUT gets the page,
// PAGE.html, and the policy that allows its own script and style only, PAGE.csp. The page `docs` opens
// from disk: its policy is inside, and so are its data, which rockset_docs_generate puts there.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url)), packages = resolve(process.argv[2]);
const out = resolve(process.argv[3]), page = process.argv[4], inside = page === "docs";
const esbuild = createRequire(join(packages, "package.json"))("esbuild");

// The names of Rockset's functions, from the table that translates them.
const functions = {
  name: "functions",
  setup(build) {
    build.onResolve({ filter: /functions\.js$/ }, () => ({ path: "functions", namespace: "made" }));
    build.onLoad({ filter: /.*/, namespace: "made" }, () => {
      const table = readFileSync(join(here, "..", "rsql", "function_table.c"), "utf8");
      const names = [...new Set([...table.matchAll(/^  \{"([A-Z0-9_]+)",/gm)].map((m) => m[1]))];
      return { contents: "export const FUNCTIONS = " + JSON.stringify(names), loader: "js" };
    });
  },
};

async function bundle(entry) {
  const made = await esbuild.build({
    entryPoints: [join(here, entry)], bundle: true, minify: true, write: false, format: "iife", target: "es2022",
    jsxFactory: "h", jsxFragment: "Fragment", nodePaths: [join(packages, "node_modules")], legalComments: "none", charset: "utf8",
    plugins: [functions],
  });
  return made.outputFiles[0].text.trim();
}

const script = (await bundle(inside ? "docs.jsx" : "main.jsx")).replaceAll("</script", "<\\/script");
const style = await bundle("style.css");
const hash = (text) => "'sha256-" + createHash("sha256").update(text).digest("base64") + "'";
const policy = "default-src 'none'; " + (inside ? "" : "connect-src 'self'; ") + "img-src data:; script-src " + hash(script) + "; style-src " + hash(style) +
  "; base-uri 'none'; form-action 'none'" + (inside ? "" : "; frame-ancestors 'none'");
const parts = {
  "<!--policy-->\n": inside ? `<meta http-equiv="Content-Security-Policy" content="${policy}">\n` : "",
  "<!--title-->": inside ? "Models" : "rocksetd",
  "<!--data-->\n": inside ? '<script type="application/json" id="data">/*data*/</script>\n' : "",
  "/*style*/": style,
  "/*script*/": script,
};
let html = readFileSync(join(here, "index.html"), "utf8");
for (const [mark, text] of Object.entries(parts)) html = html.replace(mark, () => text);
writeFileSync(join(out, page + ".html"), html);
writeFileSync(join(out, page + ".csp"), policy);

// Builds everything the pages load into src/minkang/web/static/, with manifest.json mapping the
// logical names used by the templates (`asset('app.css')`) to content-hashed file names.
//
// Offline after `npm ci`. The output depends only on the sources, the templates (which decide
// what stays of Tabler's style sheet and of its icons) and the locked packages.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import * as esbuild from "esbuild";
import { PurgeCSS } from "purgecss";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const web = join(root, "src/minkang/web");
const out = join(web, "static");
const packages = join(root, "node_modules");

// Browsers of hospital workstations are often years old; what esbuild can lower, it lowers.
const target = ["chrome87", "firefox88", "safari15"];

// Class names that templates put together from data, or that scripts and htmx add.
const safelist = {
  standard: [/^mk-/, /^htmx-/, /^is-/, "show", "active", "disabled"],
  greedy: [/data-bs-theme/, /data-mode/],
  variables: [/^--mk-/], // the chart island reads them
};

const manifest = {};

async function put(name, content) {
  const body = Buffer.from(content);
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 10);
  const dot = name.lastIndexOf(".");
  const file = `${name.slice(0, dot)}-${hash}${name.slice(dot)}`;
  await writeFile(join(out, file), body);
  manifest[name] = file;
}

async function filesUnder(folder, extension) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

async function scripts() {
  // boot.js runs before the first paint and must block, so it is a classic script on its own.
  const boot = await esbuild.build({
    entryPoints: [join(here, "src/boot.ts")],
    bundle: true,
    minify: true,
    format: "iife",
    target,
    write: false,
  });
  await put("boot.js", boot.outputFiles[0].contents);

  // app.js is loaded by every page; the chart island is split off and fetched when needed.
  const app = await esbuild.build({
    entryPoints: { app: join(here, "src/app.ts") },
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    target,
    legalComments: "none",
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    outdir: out,
    metafile: true,
  });
  for (const [file, made] of Object.entries(app.metafile.outputs)) {
    const name = relative(out, join(process.cwd(), file));
    if (made.entryPoint?.endsWith("src/app.ts")) manifest["app.js"] = name;
    if (made.entryPoint?.endsWith("src/chart.ts")) manifest["chart.js"] = name;
  }
}

async function styles(templates) {
  const bundled = await esbuild.build({
    entryPoints: [join(here, "styles/main.css")],
    bundle: true,
    target,
    write: false,
  });
  const islands = await filesUnder(join(here, "src"), ".ts");
  const [purged] = await new PurgeCSS().purge({
    content: [...templates, ...islands],
    css: [{ raw: bundled.outputFiles[0].text }],
    defaultExtractor: (text) => text.match(/[\w-]+/g) ?? [],
    safelist,
    keyframes: true,
    variables: true,
  });
  const small = await esbuild.transform(purged.css, { loader: "css", minify: true, target });
  await put("app.css", small.code);
}

async function icons(templates) {
  const names = new Set((await readFile(join(here, "icons.txt"), "utf8")).split(/\s+/));
  for (const file of templates) {
    for (const [, name] of (await readFile(file, "utf8")).matchAll(/\bicon\('([a-z0-9-]+)'/g)) {
      names.add(name);
    }
  }
  names.delete("");
  const symbols = [];
  for (const name of [...names].sort()) {
    const svg = await readFile(join(packages, `@tabler/icons/icons/outline/${name}.svg`), "utf8");
    const shapes = svg
      .slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>"))
      .replace(/<path stroke="none"[^>]*\/>/, "")
      .replace(/\s*\n\s*/g, "");
    symbols.push(
      `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" ` +
        `stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${shapes}</symbol>`,
    );
  }
  await put(
    "icons.svg",
    `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`,
  );
}

async function licences() {
  const used = ["@tabler/core", "@tabler/icons", "echarts", "htmx-ext-sse", "htmx.org", "tslib", "zrender"];
  const texts = [];
  for (const name of used) {
    const folder = join(packages, name);
    const facts = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? await readFile(join(folder, file), "utf8") : `${facts.license}\n`;
    texts.push(`${name} ${facts.version} (${facts.license})\n\n${text.trim()}\n`);
  }
  await writeFile(join(out, "licences.txt"), texts.join(`\n${"-".repeat(80)}\n\n`));
}

const started = Date.now();
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const templates = await filesUnder(join(web, "templates"), ".html");
await Promise.all([scripts(), styles(templates), icons(templates), licences()]);
await put("favicon.svg", await readFile(join(here, "favicon.svg")));
const sorted = Object.fromEntries(Object.entries(manifest).sort());
await writeFile(join(out, "manifest.json"), `${JSON.stringify(sorted, null, 2)}\n`);
for (const file of (await readdir(out)).sort()) {
  const body = await readFile(join(out, file));
  const kb = (bytes) => (bytes / 1024).toFixed(1).padStart(7);
  console.log(`${kb(body.length)} kB ${kb(brotliCompressSync(body).length)} kB br  ${file}`);
}
console.log(`built in ${Date.now() - started} ms`);

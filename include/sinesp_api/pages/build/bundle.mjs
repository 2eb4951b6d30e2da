// Bundles charts.entry.mjs into one ES module, beside the licences of everything that is in it.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const here = new URL(".", import.meta.url);
const out = new URL("../static/vendor/", here);
const modules = new URL("node_modules/", here);

mkdirSync(out, { recursive: true });
const { metafile } = await build({
  entryPoints: ["charts.entry.mjs"],
  absWorkingDir: here.pathname,
  outfile: new URL("echarts.js", out).pathname,
  bundle: true,
  format: "esm",
  minify: true,
  legalComments: "none",
  target: "es2020",
  metafile: true,
});

// What esbuild says went in, not what package.json asks for: a dependency of a dependency has a licence too.
const bundled = new Set(
  Object.keys(metafile.inputs).flatMap((input) => input.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1] ?? []),
);
const texts = (name) =>
  ["", "licenses/"]
    .map((folder) => new URL(`${name}/${folder}`, modules))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((file) => ({ file, at: new URL(file, folder) })))
    .filter(({ file }) => /^(licen[cs]e|notice|copyright)[\w-]*(\.txt|\.md)?$/i.test(file) && file !== "licenses")
    .map(({ at }) => readFileSync(at, "utf8").trim());
const licences = [...bundled].sort().map((name) => {
  const { version, license } = JSON.parse(readFileSync(new URL(`${name}/package.json`, modules)));
  const found = texts(name);
  if (!found.length) throw new Error(`${name} ${version} carries no licence text`);
  return `${name} ${version} (${license})\n${"=".repeat(78)}\n\n${found.join("\n\n")}\n`;
});
writeFileSync(new URL("LICENCES.txt", out), `In echarts.js:\n\n${licences.join("\n\n")}`);

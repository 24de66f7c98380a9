// Writes LICENSE: the licences of the packages of which esbuild's list says that they are in d3.js.
import { readFileSync, rmSync, writeFileSync } from "node:fs";

const inputs = Object.keys(JSON.parse(readFileSync("meta.json", "utf8")).inputs);
const packages = [...new Set(inputs.map((path) => path.match(/node_modules\/([^/]+)/)?.[1]).filter(Boolean))].sort();
const named = new Map();
for (const name of packages) {
  const text = readFileSync(`node_modules/${name}/LICENSE`, "utf8").trim();
  named.set(text, [...(named.get(text) ?? []), name]);
}
const parts = [...named].map(([text, names]) => `== ${names.join(", ")}\n\n${text}\n`);
writeFileSync("LICENSE", ["Licences of the packages in d3.js\n", ...parts].join("\n"));
rmSync("meta.json");

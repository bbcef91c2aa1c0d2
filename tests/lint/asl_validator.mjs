// Usage: node asl_validator.mjs DEFINITION .. (its own command takes a line break within JSONata for a mistake)
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const validate = createRequire(new URL("../../.lab/lint-npm/package.json", import.meta.url))("asl-validator");

function onOneLine(key, value) {
  return typeof value === "string" && value.startsWith("{%") ? value.replaceAll("\n", " ") : value;
}

for (const path of process.argv.slice(2)) {
  const { errors } = validate(JSON.parse(await readFile(path, "utf8"), onOneLine), { checkArn: true, checkPaths: true });
  for (const error of errors) {
    console.log(`${path}: ${error["Error code"]} ${error.Message ?? error.path ?? JSON.stringify(error)}`);
    process.exitCode = 1;
  }
}

// A table of cases: `[subject]` headings, below each its rows, cells apart by `|`, `#` for remarks.

import { readFileSync } from "node:fs";

/** [{subject, where, ..columns}] of a table whose last column is `allowed` or `denied`. */
export function readTable(path, columns) {
  const rows = readRows(path, columns);
  for (const { subject, where, expected } of rows) {
    if (!subject) throw new Error(`${where}: no [subject] above`);
    if (!["allowed", "denied"].includes(expected)) throw new Error(`${where}: ${expected} is neither allowed nor denied`);
  }
  return rows;
}

/** The rows of a table, each with the place where it stands. */
export function readRows(path, columns) {
  let subject;
  const rows = [];
  for (const [index, raw] of readFileSync(path, "utf8").split("\n").entries()) {
    const line = raw.trim();
    const where = `${path.replace(/.*\//, "")}:${index + 1}`;
    const heading = /^\[(.+)\]$/.exec(line);
    if (line === "" || line.startsWith("#")) continue;
    if (heading) {
      subject = heading[1];
      continue;
    }
    const cells = line.split("|").map((cell) => cell.trim());
    if (cells.length !== columns.length) throw new Error(`${where}: a row is ${columns.join(" | ")}`);
    rows.push({ subject, where, ...Object.fromEntries(columns.map((column, place) => [column, cells[place]])) });
  }
  return rows;
}

/** What a cell names: an ARN, `*`, a resource of the template (`WitnessQueue`, `LogGroup:log-stream:x`) or `service:rest`. */
export function resourceArn(cell, template) {
  if (cell === "*" || cell.startsWith("arn:")) return cell;
  const [first, ...rest] = cell.split(":");
  if (!template.has(first)) return template.arnOf(first, rest.join(":"));
  return rest.length === 0 ? template.arn(first) : `${template.arn(first).replace(/:\*$/, "")}:${rest.join(":")}`;
}

/**
 * The contexts that a cell asks for: `key=value` pairs, `X.arn` for the ARN of a resource of the template, and
 * `key=each:PARAMETER` for one context for each value of a parameter, in several letter cases.
 */
export function contexts(cell, template) {
  let all = [{}];
  for (const pair of cell.split(/\s+/).filter(Boolean)) {
    const [, key, value] = /^([^=]+)=(.*)$/.exec(pair) ?? [];
    if (!key) throw new Error(`${pair} is not key=value`);
    const values = contextValues(value, template);
    all = all.flatMap((context) => values.map((each) => ({ ...context, [key]: each })));
  }
  return all;
}

function contextValues(value, template) {
  if (value.startsWith("each:")) {
    return [template.parameters[value.slice(5)]].flat().flatMap((name) => [name, name.toLowerCase(), name.toUpperCase(), zigzag(name)]);
  }
  return value.endsWith(".arn") ? [template.arn(value.slice(0, -4))] : [value];
}

function zigzag(name) {
  return [...name].map((letter, place) => (place % 2 ? letter.toUpperCase() : letter.toLowerCase())).join("");
}

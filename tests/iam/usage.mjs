// Compares what roles were seen to do on the lab with what the template grants them: nothing denied, nothing unused.
// Usage: node usage.mjs TEMPLATE.json

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { PRODUCT } from "./deployment.mjs";
import { covers, grants, roles } from "./policies.mjs";
import { roleMayAsRecorded } from "./simulate.mjs";
import { readRows } from "./table.mjs";
import { readTemplate } from "./template.mjs";

export const LISTS = new URL("usage/", import.meta.url).pathname;
// Written by the lab: tests/lab/aws/usage.py.
export const RECORD = new URL("../../.lab/usage.jsonl", import.meta.url).pathname;
const MOST_EXCEPTIONS = 5;
const STACK = PRODUCT.stack;
// The stack has one key, which KMS has named.
const KEY = /:key\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** The recorded requests; the lab's random endings of names are cut off, as in `Template.name`. */
export function readUsage(path) {
  const ending = new RegExp(`\\b${STACK}-([A-Z][A-Za-z0-9]+)-[0-9A-F]{13}\\b`, "g");
  const text = readFileSync(path, "utf8").replace(ending, `${STACK}-$1`).replace(KEY, `:key/${STACK}-RotationKey`);
  return [...new Set(text.split("\n").filter(Boolean))].map((line) => JSON.parse(line));
}

/** What is wrong: calls denied or not in the template, grants that nobody used, rows of the lists that are out of date. */
export async function checkUsage(template, usage, folder = LISTS) {
  const all = roles(template);
  const requests = usage.flatMap((request) => {
    const id = request.role.replace(`${STACK}-`, "");
    return all[id] ? [{ ...request, id }] : []; // other roles are those of tests
  });
  const denials = readRows(join(folder, "denied.txt"), ["role", "action", "resource", "test"]);
  const exceptions = readRows(join(folder, "unused.txt"), ["role", "actions", "reason"]);
  return [
    ...denied(requests, denials),
    ...(await missing(template, requests, all)),
    ...unused(requests, all, exceptions),
  ];
}

function denied(requests, expected) {
  const refused = requests.filter(({ allowed }) => !allowed);
  const matches = (row, { id, action, resource }) =>
    row.role === id && row.action === action && covers(row.resource, resource);
  const unforeseen = refused.filter((request) => !expected.some((row) => matches(row, request)));
  const stale = expected.filter((row) => !refused.some((request) => matches(row, request)));
  return [
    ...unforeseen.map(({ id, action, resource }) => `${id} was denied ${action} on ${resource}`),
    ...stale.map((row) => `${row.where}: nobody was denied ${row.action} on ${row.resource}`),
  ];
}

/** What was allowed on the lab must be granted by the template, in the eyes of another judge than the lab. */
async function missing(template, requests, all) {
  const problems = [];
  for (const { id, action, resource, context } of requests.filter(({ allowed }) => allowed)) {
    try {
      if (!(await roleMayAsRecorded(template, all[id], action, resource, context))) problems.push(`${id} needs ${action} on ${resource}`);
    } catch (error) {
      problems.push(`${id}: ${error.message}`);
    }
  }
  return problems;
}

function unused(requests, all, exceptions) {
  const excused = new Set();
  const problems = [];
  for (const [id, role] of Object.entries(all)) {
    for (const { action, resource } of grants(role)) {
      const uses = ({ id: user, allowed, ...request }) =>
        user === id && allowed && request.action === action && covers(resource, request.resource);
      if (requests.some(uses)) continue;
      const found = exceptions.filter((row) => covers(row.role, id) && row.actions.split(/\s+/).includes(action));
      if (found.length === 0) problems.push(`${id} never used ${action} on ${resource}`);
      found.forEach((row) => excused.add(row));
    }
  }
  if (exceptions.length > MOST_EXCEPTIONS) problems.push(`${exceptions.length} exceptions, at most ${MOST_EXCEPTIONS}`);
  for (const row of exceptions) {
    if (!excused.has(row)) problems.push(`${row.where}: an exception for what was used, or is not granted`);
    if (row.reason === "") problems.push(`${row.where}: an exception without a reason`);
  }
  return problems;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const usage = readUsage(RECORD);
  const problems = await checkUsage(readTemplate(process.argv[2]), usage);
  for (const problem of problems) console.error(problem);
  console.log(`${usage.length} different requests of roles, ${problems.length} problems`);
  process.exit(problems.length > 0 ? 1 : 0);
}

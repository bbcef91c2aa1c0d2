// Evaluates the cases of a folder against the policies of an expanded template, and says which do not hold.
// Usage: node check.mjs FOLDER     of the expanded templates, as scripts/lint makes them

import { existsSync } from "node:fs";
import { join } from "node:path";

import { MEMBER, PRODUCT, RELAY } from "./deployment.mjs";
import { grants, covers, resourcePolicies, roles } from "./policies.mjs";
import { policyLets, roleMay } from "./simulate.mjs";
import { contexts, readTable, resourceArn } from "./table.mjs";
import { readTemplate } from "./template.mjs";

const CASES = new URL("cases/", import.meta.url).pathname;

/** Each expanded template, where it is deployed, and the folder of its cases. */
export const CHECKED = [
  ["template.json", PRODUCT, CASES],
  ["member.json", MEMBER, join(CASES, "member")],
  ["member.json", RELAY, join(CASES, "relay")],
];

/** {problems, cases}: what is wrong, and how many requests were evaluated. */
export async function checkCases(template, folder = CASES) {
  const run = { template, problems: [], cases: 0 };
  await checkRoles(run, rowsOf(folder, "roles.txt", ["action", "resource", "context", "expected"]));
  await checkTrust(run, rowsOf(folder, "trust.txt", ["principal", "context", "expected"]));
  await checkResources(run, rowsOf(folder, "resources.txt", ["principal", "action", "resource", "context", "expected"]));
  return run;
}

/** No table has no rows: a deployment may be without roles. */
function rowsOf(folder, table, columns) {
  const path = join(folder, table);
  return existsSync(path) ? readTable(path, columns) : [];
}

async function checkRoles(run, rows) {
  const all = roles(run.template);
  const allowed = [];
  for (const row of rows) {
    for (const id of subjects(run, row, all)) {
      for (const context of contexts(row.context, run.template)) {
        const targets = row.resource.split(/ \+ /).map((cell) => resourceArn(cell, run.template));
        const asked = targets.map((target) => roleMay(run.template, all[id], row.action, target, context));
        await judge(run, row, `${id} ${row.action} on ${row.resource}`, context, every(asked));
        if (row.expected === "allowed") allowed.push(...targets.map((resource) => ({ id, action: row.action, resource })));
      }
    }
  }
  complete(run, "roles.txt", Object.keys(all), rows.filter((row) => !row.subject.includes("*")));
  for (const [id, role] of Object.entries(all)) {
    for (const { action, resource } of grants(role)) {
      const shown = allowed.some((one) => one.id === id && one.action === action && covers(resource, one.resource));
      if (!shown) run.problems.push(`roles.txt: no case shows what ${id} needs ${action} on ${resource} for`);
    }
  }
}

/** A subject with a `*` is every role of such a name; `but A, B` leaves some out. */
function subjects(run, row, all) {
  const [, pattern, rest = ""] = /^(\S+)(?: but (.+))?$/.exec(row.subject) ?? [];
  const excluded = rest.split(/,\s*/).filter(Boolean);
  const unknown = [...excluded, ...(pattern.includes("*") ? [] : [pattern])].filter((id) => !all[id]);
  if (unknown.length > 0) run.problems.push(`${row.where}: the template has no role ${unknown.join(", ")}`);
  return Object.keys(all).filter((id) => covers(pattern, id) && !excluded.includes(id));
}

async function checkTrust(run, rows) {
  const all = roles(run.template);
  complete(run, "trust.txt", Object.keys(all), rows);
  for (const row of rows) {
    const role = all[row.subject];
    if (!role) {
      run.problems.push(`${row.where}: the template has no role ${row.subject}`);
      continue;
    }
    for (const context of contexts(row.context, run.template)) {
      const asked = policyLets(role.trust, row.principal, "sts:AssumeRole", role.arn, context);
      await judge(run, row, `${row.principal} assumes ${row.subject}`, context, asked);
    }
  }
}

async function checkResources(run, rows) {
  const all = resourcePolicies(run.template);
  complete(run, "resources.txt", Object.keys(all), rows);
  for (const row of rows) {
    if (!all[row.subject]) {
      run.problems.push(`${row.where}: the template has no policy ${row.subject}`);
      continue;
    }
    for (const context of contexts(row.context, run.template)) {
      const target = resourceArn(row.resource, run.template);
      const asked = policyLets(all[row.subject].policy, row.principal, row.action, target, context);
      await judge(run, row, `${row.subject}: ${row.principal} ${row.action} on ${row.resource}`, context, asked);
    }
  }
}

/** Whoever has a policy has a case that is allowed and one that is denied. */
function complete(run, table, ids, rows) {
  for (const id of ids) {
    for (const expected of ["allowed", "denied"]) {
      if (!rows.some((row) => row.subject === id && row.expected === expected)) {
        run.problems.push(`${table}: ${id} has no case that is ${expected}`);
      }
    }
  }
}

async function judge(run, row, request, context, asked) {
  run.cases += 1;
  const given = Object.entries(context).map(([key, value]) => ` ${key}=${value}`);
  try {
    const found = (await asked) ? "allowed" : "denied";
    if (found !== row.expected) run.problems.push(`${row.where}: ${request}${given.join("")} is ${found}, not ${row.expected}`);
  } catch (error) {
    run.problems.push(`${row.where}: ${request}${given.join("")}: ${error.message}`);
  }
}

async function every(asked) {
  return (await Promise.all(asked)).every(Boolean);
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  let wrong = 0;
  for (const [template, deployment, folder] of CHECKED) {
    const { problems, cases } = await checkCases(readTemplate(join(process.argv[2], template), deployment), folder);
    for (const problem of problems) console.error(`${template}: ${problem}`);
    console.log(`${template} in ${deployment.account}, ${deployment.region}: ${cases} requests evaluated, ${problems.length} not as the tables say`);
    wrong += problems.length;
  }
  process.exit(wrong > 0 ? 1 : 0);
}

// Copies of the template with one mistake planted in them.

import { readFileSync } from "node:fs";

import { PRODUCT } from "./deployment.mjs";
import { Template } from "./template.mjs";

const EXPANDED = new URL("../../target/lint/", import.meta.url);

/** The template as SAM expands it: `scripts/lint` makes the file. */
export function asItIs() {
  return planted(() => {});
}

/** A copy in which `change(resources)` has changed something. */
export function planted(change, file = "template.json", deployment = PRODUCT) {
  const document = JSON.parse(readFileSync(new URL(file, EXPANDED), "utf8"));
  change(document.Resources);
  return new Template(document, deployment);
}

/** The statements of a role's first policy. */
export function statements(resources, role) {
  return resources[role].Properties.Policies[0].PolicyDocument.Statement;
}

/** The first statement of a role that has the action, alone or among others. */
export function statementOf(resources, role, action, effect = "Allow") {
  return statements(resources, role).find(({ Action, Effect }) => Effect === effect && [Action].flat().includes(action));
}

/** Takes an action from a role. */
export function revoke(resources, role, action) {
  const statement = statementOf(resources, role, action);
  statement.Action = [statement.Action].flat().filter((one) => one !== action);
  if (statement.Action.length > 0) return;
  const all = statements(resources, role);
  all.splice(all.indexOf(statement), 1);
}

/** Gives a role an action. */
export function grant(resources, role, action, resource) {
  statements(resources, role).push({ Effect: "Allow", Action: action, Resource: resource });
}

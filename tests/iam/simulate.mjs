// Asks @cloud-copilot/iam-simulate, which knows AWS's actions, resource types and condition keys.

import { createRequire } from "node:module";

import { keyPolicy } from "./policies.mjs";

// `scripts/npm iam tests/iam` installs the packages there, outside this folder.
const require = createRequire(new URL("../../.lab/iam/", import.meta.url));
const { runSimulation } = require("@cloud-copilot/iam-simulate");

/** Whether a session of the role may do the action on the resource. */
export async function roleMay(template, role, action, resource, context = {}) {
  return judged(action, await askAsRole(template, role, action, resource, context));
}

/**
 * The same for a request that the lab recorded, which has more condition keys than AWS sends for the action. Tags that
 * CloudFormation itself puts on resources have names that iam-simulate does not know.
 */
export async function roleMayAsRecorded(template, role, action, resource, context) {
  const keys = Object.entries(context).filter(([key]) => !/:resourcetag\/aws:/i.test(key));
  return (await askAsRole(template, role, action, resource, Object.fromEntries(keys))).allowed;
}

/** Whether a resource's policy lets a principal (a service, or an ARN of another account) do the action. */
export async function policyLets(policy, principal, action, resource, context = {}) {
  const request = { principal, action, resource, context, identityPolicies: willing(principal), resourcePolicy: policy };
  return judged(action, await ask(request));
}

/** A key that AWS does not know for the action is a mistake in a table. */
function judged(action, { allowed, ignored }) {
  if (ignored.length > 0) throw new Error(`${action} has no condition key ${ignored.join(", ")}`);
  return allowed;
}

/** KMS asks the key's policy too, and always knows the caller's account. What another account owns, and a role, must let in. */
function askAsRole(template, role, action, resource, context) {
  const { account } = template.deployment;
  const principal = `${role.arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/session`;
  const request = { principal, action, resource, context, identityPolicies: role.identity };
  if (action.startsWith("kms:")) {
    const known = { ...context, "kms:CallerAccount": account };
    return ask({ ...request, context: known, resourcePolicy: keyPolicy(template, resource) });
  }
  const letsIn = action === "sts:AssumeRole" || (accountOf(resource) ?? account) !== account;
  return ask(letsIn ? { ...request, resourcePolicy: openTo(account, action, resource) } : request);
}

/** A resource's policy that leaves everything to the policies of the account: those of a role have no resource. */
function openTo(account, action, resource) {
  const statement = { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: action };
  const named = action === "sts:AssumeRole" ? {} : { Resource: resource };
  return { Version: "2012-10-17", Statement: [{ ...statement, ...named }] };
}

function accountOf(resource) {
  return /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(resource)?.[1];
}

/** A principal of an account brings every permission of its own, so that only the resource's policy can refuse. */
function willing(principal) {
  const everything = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
  return principal.startsWith("arn:") ? [{ name: "everything", policy: everything }] : [];
}

async function ask({ principal, action, resource, context, identityPolicies, resourcePolicy }) {
  const accountId = accountOf(resource) ?? accountOf(principal);
  const answer = await runSimulation(
    {
      request: { principal, action, resource: { resource, accountId }, contextVariables: context },
      identityPolicies,
      resourcePolicy,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (answer.resultType === "error") {
    throw new Error(`AWS has no such request: ${action} on ${resource}: ${JSON.stringify(answer.errors)}`);
  }
  return { allowed: answer.overallResult === "Allowed", ignored: answer.result?.ignoredContextKeys ?? [] };
}

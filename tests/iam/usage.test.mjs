// The comparison with the recorded usage can fail. Runs after the end-to-end tests, on what they have recorded.

import assert from "node:assert/strict";
import { appendFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { asItIs, grant, planted, revoke } from "./planted.mjs";
import { checkUsage, LISTS, readUsage, RECORD } from "./usage.mjs";

const TABLE = { "Fn::GetAtt": ["DecisionTable", "Arn"] };
const usage = readUsage(RECORD);

function assertFound(problems, text) {
  assert.ok(problems.some((problem) => problem.includes(text)), `${text} is not among\n${problems.join("\n")}`);
}

test("the template grants what was used, and nothing else", async () => {
  assert.deepEqual(await checkUsage(asItIs(), usage), []);
});

test("an extra grant is found, whichever role has it", async () => {
  for (const role of ["GuarddutyResponderRole", "DisableWitnessRole", "UserReleaserRole", "ContainUserStateMachineRole"]) {
    const template = planted((resources) => grant(resources, role, "dynamodb:DeleteItem", TABLE));
    assertFound(await checkUsage(template, usage), `${role} never used dynamodb:DeleteItem on arn:`);
  }
});

test("an action that is used on one resource and granted on another one too is found", async () => {
  const queue = { "Fn::GetAtt": ["ContainDeadLetterQueue", "Arn"] };
  const template = planted((resources) => grant(resources, "DisableWitnessRole", "sqs:ReceiveMessage", queue));
  assertFound(await checkUsage(template, usage), "DisableWitnessRole never used sqs:ReceiveMessage on arn:");
});

test("a missing grant is found, whichever it is", async () => {
  const grants = [
    ["GuarddutyFindingRuleRole", "states:StartExecution"],
    ["ContainUserStateMachineRole", "lambda:InvokeFunction"],
    ["GuarddutyResponderRole", "ds-data:DisableUser"],
    ["GuarddutyResponderRole", "ds:AccessDSData"],
    ["GuarddutyResponderRole", "ssm:SendCommand"],
    ["DisableWitnessRole", "sqs:DeleteMessage"],
    ["UserReleaserRole", "logs:PutLogEvents"],
    ["UserReleaserRole", "secretsmanager:CreateSecret"],
  ];
  for (const [role, action] of grants) {
    const template = planted((resources) => revoke(resources, role, action));
    assertFound(await checkUsage(template, usage), `${role} needs ${action} on arn:`);
  }
});

test("a denied request that no test wants is found", async () => {
  const denied = { role: "adsteward-UserReleaserRole", action: "ds-data:DisableUser", resource: "*", context: {} };
  const problems = await checkUsage(asItIs(), [...usage, { ...denied, allowed: false }]);
  assertFound(problems, "UserReleaserRole was denied ds-data:DisableUser");
});

test("a denial that no longer happens is found", async () => {
  const problems = await checkUsage(asItIs(), usage.filter(({ allowed }) => allowed));
  assertFound(problems, "nobody was denied sqs:ReceiveMessage");
});

test("exceptions that are out of date, without a reason or too many are found", async () => {
  const folder = mkdtempSync(join(tmpdir(), "iam-"));
  try {
    cpSync(LISTS, folder, { recursive: true });
    appendFileSync(join(folder, "unused.txt"), "*Role | sns:Publish | used long since\n*Role | sqs:X |\n".repeat(3));
    const problems = await checkUsage(asItIs(), usage, folder);
    assertFound(problems, "an exception for what was used");
    assertFound(problems, "an exception without a reason");
    assertFound(problems, "exceptions, at most 5");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

// The checks can fail: each planted mistake is found.

import assert from "node:assert/strict";
import { test } from "node:test";

import { checkCases } from "./check.mjs";
import { asItIs, grant, revoke, statementOf, statements, planted } from "./planted.mjs";

const DIRECTORY = { "Fn::Sub": "arn:${AWS::Partition}:ds:${AWS::Region}:${AWS::AccountId}:directory/${DirectoryId}" };

async function finds(change, ...expected) {
  const { problems } = await checkCases(planted(change));
  for (const text of expected) {
    assert.ok(problems.some((problem) => problem.includes(text)), `${text} is not among\n${problems.join("\n")}`);
  }
}

test("the template as it is fulfils every case", async () => {
  const { problems, cases } = await checkCases(asItIs());
  assert.deepEqual(problems, []);
  assert.ok(cases > 300, `${cases} cases`);
});

test("a role without cases is found", async () => {
  await finds((resources) => {
    resources.NewRole = structuredClone(resources.UserReleaserRole);
  }, "roles.txt: NewRole has no case that is allowed", "trust.txt: NewRole has no case that is denied");
});

test("a policy of a resource without cases is found", async () => {
  await finds((resources) => {
    const Properties = { Action: "lambda:InvokeFunction", FunctionName: { Ref: "UserReleaserFunction" }, Principal: "*" };
    resources.NewPermission = { Type: "AWS::Lambda::Permission", Properties };
  }, "resources.txt: NewPermission has no case that is allowed");
});

test("a grant that no case needs is found", async () => {
  await finds(
    (resources) => grant(resources, "DisableWitnessRole", "kms:Decrypt", "*"),
    "no case shows what DisableWitnessRole needs kms:Decrypt on * for",
  );
});

test("a missing grant is found", async () => {
  await finds(
    (resources) => revoke(resources, "DisableWitnessRole", "sqs:DeleteMessage"),
    "DisableWitnessRole sqs:DeleteMessage on WitnessQueue is denied, not allowed",
  );
});

test("a role that both disables and enables is found", async () => {
  await finds(
    (resources) => grant(resources, "GuarddutyResponderRole", "ds:ResetUserPassword", DIRECTORY),
    "GuarddutyResponderRole ds:ResetUserPassword on ds:directory/d-9067012345 is allowed, not denied",
  );
});

test("a protected name that IAM no longer protects is found", async () => {
  await finds((resources) => {
    const all = statements(resources, "GuarddutyResponderRole");
    all.splice(all.findIndex(({ Effect }) => Effect === "Deny"), 1);
  }, "ds-data:SAMAccountName=krbtgt is allowed, not denied");
});

test("a protected name that IAM protects in one letter case only is found", async () => {
  await finds((resources) => {
    const deny = statementOf(resources, "GuarddutyResponderRole", "ds-data:DisableUser", "Deny");
    deny.Condition = { StringEquals: deny.Condition.StringEqualsIgnoreCase };
  }, "ds-data:SAMAccountName=aDmInIsTrAtOr is allowed, not denied");
});

test("a command that any document may be is found", async () => {
  await finds((resources) => {
    statementOf(resources, "GuarddutyResponderRole", "ssm:SendCommand").Resource = "*";
  }, "ssm:SendCommand on ssm:document/AWS-RunShellScript + ec2:instance/i-0123456789abcdef0 is allowed, not denied");
});

test("a role that another account's state machine may use is found", async () => {
  await finds((resources) => {
    delete resources.ContainUserStateMachineRole.Properties.AssumeRolePolicyDocument.Statement[0].Condition;
  }, "states.amazonaws.com assumes ContainUserStateMachineRole aws:SourceAccount=999999999999");
});

test("a role that a person may assume is found", async () => {
  await finds((resources) => {
    const [statement] = resources.UserReleaserRole.Properties.AssumeRolePolicyDocument.Statement;
    statement.Principal.AWS = "arn:aws:iam::999999999999:root";
  }, "arn:aws:iam::999999999999:root assumes UserReleaserRole is allowed, not denied");
});

test("a queue that any rule may send to is found", async () => {
  await finds((resources) => {
    delete resources.WitnessQueuePolicy.Properties.PolicyDocument.Statement[0].Condition;
  }, "WitnessQueuePolicy: events.amazonaws.com sqs:SendMessage on WitnessQueue aws:SourceArn=");
});

test("a rotator that resets passwords in every directory is found", async () => {
  await finds((resources) => {
    statementOf(resources, "SecretRotatorRole", "ds:ResetUserPassword").Resource = "*";
  }, "SecretRotatorRole ds:ResetUserPassword on ds:directory/d-90670fffff is allowed, not denied");
});

test("a rotator that reads other secrets is found", async () => {
  await finds(
    (resources) => grant(resources, "SecretRotatorRole", "secretsmanager:GetSecretValue", "*"),
    "SecretRotatorRole secretsmanager:GetSecretValue on secretsmanager:secret:another-AbCdEf is allowed, not denied",
  );
});

test("a rotator whose own code may make network interfaces is found", async () => {
  await finds((resources) => {
    const all = statements(resources, "SecretRotatorRole");
    all.splice(all.findIndex(({ Effect }) => Effect === "Deny"), 1);
  }, "lambda:SourceFunctionArn=arn:aws:lambda:eu-west-1:111122223333:function:adsteward-secret-rotator is allowed, not denied");
});

test("a rotator that Secrets Manager of another account may invoke is found", async () => {
  await finds((resources) => {
    delete resources.SecretRotatorPermission.Properties.SourceAccount;
  }, "secretsmanager.amazonaws.com lambda:InvokeFunction on SecretRotatorFunction aws:SourceAccount=999999999999 is allowed");
});

test("a key that decrypts without Secrets Manager is found", async () => {
  await finds((resources) => {
    const [, usage] = resources.RotationKey.Properties.KeyPolicy.Statement;
    delete usage.Condition.StringEquals["kms:ViaService"];
  }, "RotationKey: arn:aws:iam::111122223333:role/admin kms:Decrypt on RotationKey");
});

test("a function that both gives and takes is found", async () => {
  await finds(
    (resources) => grant(resources, "UserProvisionerRole", "workspaces:TerminateWorkspaces", "*"),
    "UserProvisionerRole workspaces:TerminateWorkspaces on workspaces:workspace/ws-000000001 is allowed, not denied",
  );
  await finds(
    (resources) => grant(resources, "UserOffboarderRole", "ds-data:AddGroupMember", DIRECTORY),
    "UserOffboarderRole ds-data:AddGroupMember on ds:directory/d-9067012345 ds-data:MemberName=alice is allowed, not denied",
  );
});

test("a provisioner that may make administrators of the directory is found", async () => {
  await finds((resources) => {
    const all = statements(resources, "UserProvisionerRole");
    all.splice(all.findIndex(({ Effect, Condition }) => Effect === "Deny" && "ds-data:SAMAccountName" in Object.values(Condition)[0]), 1);
  }, "ds-data:SAMAccountName=aWs dElEgAtEd");
});

test("a provisioner that may make administrators of the contact centre is found", async () => {
  await finds((resources) => {
    const profile = { "Fn::Sub": "arn:${AWS::Partition}:connect:${AWS::Region}:${AWS::AccountId}:instance/${ConnectInstanceId}/security-profile/*" };
    grant(resources, "UserProvisionerRole", "connect:CreateUser", profile);
  }, "security-profile/7b0c5f0e-0d43-4e21-8c5f-2f7b8b1d0c04 is allowed, not denied");
});

test("a starter that any log group may call is found", async () => {
  await finds((resources) => {
    delete resources.AdEventStarterPermission.Properties.SourceArn;
  }, "AdEventStarterPermission: logs.amazonaws.com lambda:InvokeFunction on AdEventStarterFunction aws:SourceAccount=111122223333 aws:SourceArn=");
});

test("permissions that the checks would not see are refused", async () => {
  const managed = (resources) => {
    resources.UserReleaserRole.Properties.ManagedPolicyArns = ["arn:aws:iam::aws:policy/AdministratorAccess"];
  };
  await assert.rejects(checkCases(planted(managed)), /UserReleaserRole has ManagedPolicyArns/);
  const apart = (resources) => {
    resources.Apart = { Type: "AWS::IAM::Policy", Properties: {} };
  };
  await assert.rejects(checkCases(planted(apart)), /do not see AWS::IAM::Policy/);
});

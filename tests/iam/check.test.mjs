// The checks can fail: each planted mistake is found.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CHECKED, checkCases } from "./check.mjs";
import { MEMBER, PRODUCT, RELAY } from "./deployment.mjs";
import { asItIs, grant, revoke, statementOf, statements, planted } from "./planted.mjs";
import { roles } from "./policies.mjs";
import { roleMay } from "./simulate.mjs";

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

async function findsInStack(deployment, folder, change, ...expected) {
  const { problems } = await checkCases(planted(change, "member.json", deployment), new URL(`cases/${folder}/`, import.meta.url).pathname);
  for (const text of expected) {
    assert.ok(problems.some((problem) => problem.includes(text)), `${text} is not among\n${problems.join("\n")}`);
  }
}

test("the stacks of other accounts and Regions fulfil every case", async () => {
  for (const [file, deployment, folder] of CHECKED) {
    const { problems } = await checkCases(planted(() => {}, file, deployment), folder);
    assert.deepEqual(problems, [], `${file} in ${deployment.account}`);
  }
});

/** That of a deployment with an organization. */
function assuming(resources) {
  const all = statements(resources, "DomainJoinerRole").map((statement) => statement["Fn::If"]?.[1] ?? statement);
  return all.find(({ Action }) => Action === "sts:AssumeRole");
}

test("a joiner that assumes roles outside the organization, or others, is found", async () => {
  await finds((resources) => {
    delete assuming(resources).Condition;
  }, "sts:AssumeRole on arn:aws:iam::999999999999:role/adsteward-member aws:ResourceOrgID=o-z9y8x7w6v5 is allowed, not denied");
  await finds((resources) => {
    assuming(resources).Resource = "*";
  }, "DomainJoinerRole sts:AssumeRole on arn:aws:iam::222222222222:role/admin aws:ResourceOrgID=o-lab0example is allowed, not denied");
});

test("without an organization a joiner assumes the role of its own account only", async () => {
  const alone = { ...PRODUCT, parameters: { ...PRODUCT.parameters, OrganizationId: "" } };
  const template = planted(() => {}, "template.json", alone);
  const joiner = roles(template).DomainJoinerRole;
  for (const [account, expected] of [["111122223333", true], ["222222222222", false]]) {
    assert.equal(await roleMay(template, joiner, "sts:AssumeRole", `arn:aws:iam::${account}:role/adsteward-member`), expected, account);
  }
});

test("a joiner that runs commands without the member role is found", async () => {
  await finds(
    (resources) => grant(resources, "DomainJoinerRole", "ssm:SendCommand", "*"),
    "DomainJoinerRole ssm:SendCommand on ssm:document/adsteward-join-linux is allowed, not denied",
  );
});

test("a queue that topics of other accounts may send to is found", async () => {
  await finds((resources) => {
    const [, topics] = resources.JoinQueuePolicy.Properties.PolicyDocument.Statement;
    topics.Condition.ArnLike["aws:SourceArn"] = "arn:aws:sns:*:*:adsteward-join";
  }, "aws:SourceArn=arn:aws:sns:eu-central-1:999999999999:adsteward-join is allowed, not denied");
});

test("a bus that any account may put events on is found", async () => {
  await finds((resources) => {
    delete resources.JoinBusPolicy.Properties.Statement.Condition;
  }, "events:PutEvents on JoinBus aws:PrincipalOrgID=o-z9y8x7w6v5 is allowed, not denied");
});

test("a member role that trusts without the external id, or any role of the directory's account, is found", async () => {
  const trust = (resources) => resources.MemberRole.Properties.AssumeRolePolicyDocument.Statement[0].Condition;
  await findsInStack(MEMBER, "member", (resources) => {
    delete trust(resources).StringEquals["sts:ExternalId"];
  }, "sts:ExternalId=another-guess");
  await findsInStack(MEMBER, "member", (resources) => {
    delete trust(resources).ArnEquals;
  }, "arn:aws:iam::111122223333:role/admin assumes MemberRole");
});

test("a member role that runs any document is found", async () => {
  await findsInStack(MEMBER, "member", (resources) => {
    statementOf(resources, "MemberRole", "ssm:SendCommand").Resource = "*";
  }, "MemberRole ssm:SendCommand on ssm:document/AWS-RunShellScript is allowed, not denied");
});

test("a topic that another rule may publish to is found", async () => {
  await findsInStack(RELAY, "relay", (resources) => {
    delete resources.InstancesTopicPolicy.Properties.PolicyDocument.Statement[0].Condition;
  }, "InstancesTopicPolicy: events.amazonaws.com sns:Publish on InstancesTopic");
});

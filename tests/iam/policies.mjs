// The policies of a template: what roles may do, who may assume them, and what resources allow to others.

// The property in which a type of resource keeps its policy.
const RESOURCE_POLICIES = {
  "AWS::SQS::QueuePolicy": "PolicyDocument",
  "AWS::SNS::TopicPolicy": "PolicyDocument",
  "AWS::S3::BucketPolicy": "PolicyDocument",
  "AWS::KMS::Key": "KeyPolicy",
  "AWS::Events::EventBusPolicy": "Statement",
};
// Policies that the checks would not see: a role keeps its own, where people read them.
const ELSEWHERE = [
  "AWS::IAM::Policy",
  "AWS::IAM::RolePolicy",
  "AWS::IAM::ManagedPolicy",
  "AWS::IAM::UserPolicy",
  "AWS::IAM::GroupPolicy",
  "AWS::IAM::User",
  "AWS::IAM::Group",
  "AWS::SNS::TopicInlinePolicy",
  "AWS::SQS::QueueInlinePolicy",
  "AWS::SecretsManager::ResourcePolicy",
  "AWS::Logs::ResourcePolicy",
  "AWS::Lambda::LayerVersionPermission",
];

/** Logical id -> {identity: policies of the role, trust: its trust policy, arn}. */
export function roles(template) {
  const found = template.resources("AWS::IAM::Role").map(([id, role]) => {
    const unseen = ["ManagedPolicyArns", "PermissionsBoundary"].filter((property) => role[property]);
    if (unseen.length > 0) throw new Error(`${id} has ${unseen.join(" and ")}, which the checks do not see`);
    const identity = (role.Policies ?? []).map((policy) => ({ name: policy.PolicyName, policy: parsed(policy.PolicyDocument) }));
    return [id, { identity, trust: role.AssumeRolePolicyDocument, arn: template.arn(id) }];
  });
  const elsewhere = ELSEWHERE.filter((type) => template.types().has(type));
  if (elsewhere.length > 0) throw new Error(`the checks do not see ${elsewhere.join(", ")}`);
  return Object.fromEntries(found);
}

/** A policy may be written as text, where the name of a condition needs a parameter. */
function parsed(policy) {
  return typeof policy === "string" ? JSON.parse(policy) : policy;
}

/** Logical id of what holds the policy -> {policy}. A Lambda permission is one statement of its function's policy. */
export function resourcePolicies(template) {
  const found = {};
  for (const [type, property] of Object.entries(RESOURCE_POLICIES)) {
    for (const [id, properties] of template.resources(type)) {
      if (properties[property]) found[id] = { policy: whole(properties[property]) };
    }
  }
  for (const [id, permission] of template.resources("AWS::Lambda::Permission")) {
    found[id] = { policy: whole(permissionStatement(template, permission)) };
  }
  return found;
}

/** A policy; that of an event bus is written as its one statement. */
function whole(policy) {
  return policy.Statement ? policy : { Version: "2012-10-17", Statement: [policy] };
}

/** The policy of a key: of one that was brought, the usual one, which leaves everything to IAM. */
export function keyPolicy(template, keyArn) {
  const own = template.resources("AWS::KMS::Key").find(([id]) => template.arn(id) === keyArn);
  if (own) return own[1].KeyPolicy;
  const account = { AWS: template.arnOf("iam", "root") };
  return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: account, Action: "kms:*", Resource: "*" }] };
}

/** Lambda Developer Guide, "Resource-based policies": what AddPermission makes of its arguments. */
function permissionStatement(template, { Action, FunctionName, Principal, SourceAccount, SourceArn }) {
  const principal = /^\d{12}$|^arn:/.test(Principal) ? { AWS: Principal } : { Service: Principal };
  const condition = {};
  if (SourceAccount) condition.StringEquals = { "AWS:SourceAccount": SourceAccount };
  if (SourceArn) condition.ArnLike = { "AWS:SourceArn": SourceArn };
  const resource = FunctionName.startsWith("arn:") ? FunctionName : template.arnOf("lambda", `function:${FunctionName}`);
  return { Effect: "Allow", Principal: principal, Action, Resource: resource, Condition: condition };
}

/** Every (action, resource pattern) that the role's Allow statements name. */
export function grants(role) {
  const allows = role.identity.flatMap(({ policy }) => list(policy.Statement)).filter(({ Effect }) => Effect === "Allow");
  return allows.flatMap((statement) => {
    const resources = list(statement.Resource);
    return list(statement.Action).flatMap((action) => resources.map((resource) => ({ action, resource })));
  });
}

/** Whether an IAM pattern with * and ? covers a resource. */
export function covers(pattern, resource) {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s").test(resource);
}

export function list(value) {
  return Array.isArray(value) ? value : [value];
}

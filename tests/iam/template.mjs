// A template that SAM has expanded, with its functions (Ref, Fn::Sub, ..) replaced by what they are in one deployment.

import { readFileSync } from "node:fs";

import { PARTITION, PRODUCT } from "./deployment.mjs";

// The property that names a resource of the type, and how its ARN goes on after the account. That of a secret ends with six
// characters that nobody chooses.
const KINDS = {
  "AWS::CloudWatch::Alarm": ["AlarmName", "cloudwatch", (name) => `alarm:${name}`],
  "AWS::CloudWatch::CompositeAlarm": ["AlarmName", "cloudwatch", (name) => `alarm:${name}`],
  "AWS::DynamoDB::Table": ["TableName", "dynamodb", (name) => `table/${name}`],
  "AWS::Events::EventBus": ["Name", "events", (name) => `event-bus/${name}`],
  "AWS::Events::Rule": ["Name", "events", (name, bus) => `rule/${bus ? `${bus}/` : ""}${name}`],
  "AWS::IAM::Role": ["RoleName", "iam", (name) => `role/${name}`],
  "AWS::KMS::Key": ["", "kms", (name) => `key/${name}`],
  "AWS::Lambda::Function": ["FunctionName", "lambda", (name) => `function:${name}`],
  "AWS::Logs::LogGroup": ["LogGroupName", "logs", (name) => `log-group:${name}:*`],
  "AWS::S3::Bucket": ["BucketName", "s3", (name) => name],
  "AWS::SecretsManager::Secret": ["Name", "secretsmanager", (name) => `secret:${name}-??????`],
  "AWS::SNS::Topic": ["TopicName", "sns", (name) => name],
  "AWS::SQS::Queue": ["QueueName", "sqs", (name) => name],
  "AWS::SSM::Document": ["Name", "ssm", (name) => `document/${name}`],
  "AWS::SSM::Parameter": ["Name", "ssm", (name) => `parameter${name}`],
  "AWS::StepFunctions::StateMachine": ["StateMachineName", "states", (name) => `stateMachine:${name}`],
};
// Types whose Ref is the ARN; of all others it is the name.
const REF_IS_ARN = ["AWS::SNS::Topic", "AWS::StepFunctions::StateMachine", "AWS::SecretsManager::Secret"];
const WITHOUT_REGION = ["iam", "s3"];

export function readTemplate(path, deployment = PRODUCT) {
  return new Template(JSON.parse(readFileSync(path, "utf8")), deployment);
}

export class Template {
  #pseudo;

  constructor(document, deployment = PRODUCT) {
    this.document = document;
    this.deployment = deployment;
    this.#pseudo = {
      "AWS::AccountId": deployment.account,
      "AWS::NoValue": undefined,
      "AWS::Partition": PARTITION,
      "AWS::Region": deployment.region,
      "AWS::StackName": deployment.stack,
      "AWS::URLSuffix": "amazonaws.com",
    };
    const declared = Object.entries(document.Parameters ?? {});
    const values = declared.map(([name, parameter]) => [name, this.#parameter(name, parameter)]);
    this.parameters = Object.fromEntries(values);
  }

  /** [logical id, properties] of all resources of a type that this deployment has. */
  resources(type) {
    const found = Object.entries(this.document.Resources).filter(([, resource]) => resource.Type === type);
    const deployed = found.filter(([, resource]) => !resource.Condition || this.#condition(resource.Condition));
    return deployed.map(([id, resource]) => [id, this.resolve(resource.Properties ?? {})]);
  }

  types() {
    return new Set(Object.values(this.document.Resources).map((resource) => resource.Type));
  }

  has(id) {
    return id in this.document.Resources;
  }

  name(id) {
    const { Type, Properties = {} } = this.#resource(id);
    const given = Properties[this.#kind(Type)[0]];
    return given === undefined ? `${this.deployment.stack}-${id}` : this.resolve(given);
  }

  arn(id) {
    const { Type, Properties = {} } = this.#resource(id);
    const [, service, rest] = this.#kind(Type);
    return this.arnOf(service, rest(this.name(id), this.resolve(Properties.EventBusName)));
  }

  /** The ARN of what a service of this account and Region calls `rest`. */
  arnOf(service, rest) {
    const { account, region } = this.deployment;
    const place = WITHOUT_REGION.includes(service) ? "" : region;
    return `arn:${PARTITION}:${service}:${place}:${service === "s3" ? "" : account}:${rest}`;
  }

  /** A value of the template as it is in the deployment. */
  resolve(value) {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item)).filter((item) => item !== undefined);
    if (value === null || typeof value !== "object") return value;
    const [key, ...others] = Object.keys(value);
    if (others.length === 0 && (key === "Ref" || key?.startsWith("Fn::"))) return this.#call(key, value[key]);
    const entries = Object.entries(value).map(([name, item]) => [name, this.resolve(item)]);
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
  }

  #call(name, argument) {
    switch (name) {
      case "Ref":
        return this.#ref(argument);
      case "Fn::GetAtt":
        return this.#attribute(...(Array.isArray(argument) ? argument : argument.split(/\.(.*)/)));
      case "Fn::Sub":
        return this.#substitute(...(Array.isArray(argument) ? argument : [argument, {}]));
      case "Fn::Join":
        return this.resolve(argument[1]).join(argument[0]);
      case "Fn::If":
        return this.resolve(this.#condition(argument[0]) ? argument[1] : argument[2]);
      default:
        throw new Error(`tests/iam/template.mjs cannot resolve ${name}`);
    }
  }

  #ref(id) {
    if (id in this.#pseudo) return this.#pseudo[id];
    if (id in this.parameters) return this.parameters[id];
    return REF_IS_ARN.includes(this.#resource(id).Type) ? this.arn(id) : this.name(id);
  }

  #attribute(id, attribute) {
    if (attribute === "Arn") return this.arn(id);
    return `${id}.${attribute}`;
  }

  #substitute(text, given) {
    return text.replace(/\$\{([^!][^}]*)\}/g, (_, name) => {
      if (name in given) return this.resolve(given[name]);
      return name.includes(".") ? this.#attribute(...name.split(/\.(.*)/)) : this.#ref(name);
    });
  }

  #condition(expression) {
    if (typeof expression === "string") return this.#condition(this.document.Conditions[expression]);
    const [[name, argument]] = Object.entries(expression);
    const known = {
      Condition: () => this.#condition(argument),
      "Fn::Equals": () => String(this.resolve(argument[0])) === String(this.resolve(argument[1])),
      "Fn::Not": () => !this.#condition(argument[0]),
      "Fn::And": () => argument.every((item) => this.#condition(item)),
      "Fn::Or": () => argument.some((item) => this.#condition(item)),
    };
    if (!known[name]) throw new Error(`tests/iam/template.mjs cannot resolve the condition ${name}`);
    return known[name]();
  }

  #parameter(name, { Type, Default }) {
    const value = this.deployment.parameters[name] ?? Default;
    if (value === undefined) throw new Error(`parameter ${name} needs a value in tests/iam/deployment.mjs`);
    const list = Type === "CommaDelimitedList" || Type.startsWith("List<");
    return list ? String(value).split(",") : String(value);
  }

  #resource(id) {
    if (!this.has(id)) throw new Error(`the template has no resource ${id}`);
    return this.document.Resources[id];
  }

  #kind(type) {
    if (!KINDS[type]) throw new Error(`tests/iam/template.mjs does not know the names and ARNs of ${type}`);
    return KINDS[type];
  }
}

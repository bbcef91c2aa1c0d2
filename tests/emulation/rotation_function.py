"""A rotation function that does what the secret's description says: {"setSecret": {"fail": 2}, ..} by step.

`fail`: how often the step fails; `skip`: it does nothing; `pending`: finishSecret also takes AWSPENDING away.
"""

import json

import boto3


def handler(event, _context):
    secrets = boto3.client("secretsmanager")
    arn, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    described = secrets.describe_secret(SecretId=arn)
    plan = json.loads(described.get("Description", "{}")).get(step, {})
    failed = next((int(tag["Value"]) for tag in described.get("Tags", []) if tag["Key"] == step), 0)
    if failed < plan.get("fail", 0):
        secrets.tag_resource(SecretId=arn, Tags=[{"Key": step, "Value": str(failed + 1)}])
        raise RuntimeError(f"told to fail in {step}")
    if plan.get("skip"):
        return
    if step == "createSecret":
        create(secrets, arn, token, event["RotationToken"])
    elif step == "finishSecret":
        finish(secrets, described, token, plan)


def create(secrets, arn, token, rotation_token):
    try:
        secrets.get_secret_value(SecretId=arn, VersionId=token, VersionStage="AWSPENDING")
    except secrets.exceptions.ResourceNotFoundException:
        password = secrets.get_random_password()["RandomPassword"]
        secrets.put_secret_value(SecretId=arn, ClientRequestToken=token, SecretString=password,
                                 VersionStages=["AWSPENDING"], RotationToken=rotation_token)


def finish(secrets, described, token, plan):
    arn, versions = described["ARN"], described["VersionIdsToStages"]
    current = next(name for name, labels in versions.items() if "AWSCURRENT" in labels)
    secrets.update_secret_version_stage(SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=token,
                                        RemoveFromVersionId=current)
    if plan.get("pending"):
        secrets.update_secret_version_stage(SecretId=arn, VersionStage="AWSPENDING", RemoveFromVersionId=token)

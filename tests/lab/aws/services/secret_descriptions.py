"""Secrets Manager: DescribeSecret, ListSecrets, ListSecretVersionIds.

Source: Secrets Manager API Reference, each operation's page; botocore model `secretsmanager`.
"""

from ministack.services import secretsmanager

from lab.aws import rotation_schedule
from lab.aws import secret_versions as versions
from lab.aws.modelled import ApiError


def describe(call):
    secret = versions.seen(versions.existing(call.parameters["SecretId"]))
    answer = _common(secret)
    answer |= {"VersionIdsToStages": found} if (found := versions.labels(secret)) else {}
    return answer | ({"ReplicationStatus": found} if (found := secret.get("ReplicationStatus")) else {})


def list_all(call):
    """In the order of their names, at most a hundred at a time."""
    parameters = call.parameters
    names = [
        name
        for name, secret in sorted(secretsmanager._secrets.items())
        if parameters.get("IncludePlannedDeletion") or not secret.get("DeletedDate")
    ]
    names = secretsmanager._filter_secret_names(names, parameters.get("Filters") or [])
    start = parameters.get("NextToken", "0")
    if not start.isdigit():
        raise ApiError("InvalidNextTokenException", "The NextToken value is invalid.")
    end = int(start) + parameters.get("MaxResults", 100)
    shown = [_listed(versions.seen(secretsmanager._secrets[name])) for name in names[int(start) : end]]
    return {"SecretList": shown} | ({"NextToken": str(end)} if end < len(names) else {})


def _listed(secret):
    return _common(secret) | ({"SecretVersionsToStages": found} if (found := versions.labels(secret)) else {})


def _common(secret):
    """Only what has a value; dates of a rotation only while rotation is on."""
    members = (
        "Description", "KmsKeyId", "RotationEnabled", "RotationLambdaARN", "LastChangedDate", "LastAccessedDate",
        "DeletedDate", "Tags", "CreatedDate",
    )  # fmt: skip
    answer = _named(secret) | {name: secret[name] for name in members if secret.get(name) not in (None, "", [])}
    answer |= {"PrimaryRegion": secret["_PrimaryRegion"]} if secret.get("_PrimaryRegion") else {}
    if rules := secret.get("RotationRules"):
        answer["RotationRules"] = rotation_schedule.with_days(rules)
    return answer | (_dates(secret) if secret.get("RotationEnabled") else {})


def _dates(secret):
    """A value changed by hand counts as a rotation for the schedule (User Guide, "Rotation by Lambda function")."""
    dates = {"LastRotatedDate": secret.get("LastRotatedDate"), "NextRotationDate": next_date(secret)}
    return {name: date for name, date in dates.items() if date is not None}


def next_date(secret):
    return rotation_schedule.next_date(secret.get("RotationRules") or {}, secret["ValueDate"])


def list_versions(call):
    """Versions without labels only when asked for."""
    secret = versions.seen(versions.existing(call.parameters["SecretId"]))
    shown = {
        name: version
        for name, version in secret["Versions"].items()
        if version["Stages"] or call.parameters.get("IncludeDeprecated")
    }
    listed = [
        {"VersionId": name, "CreatedDate": version["CreatedDate"]}
        | ({"VersionStages": list(version["Stages"])} if version["Stages"] else {})
        for name, version in shown.items()
    ]
    return _named(secret) | {"Versions": listed}


def _named(secret):
    return {"ARN": secret["ARN"], "Name": secret["Name"]}

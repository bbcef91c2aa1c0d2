"""The article's logic as the `bootstrap` of a function, a peer to be compared with.

createSecret tries AWSCURRENT by kinit first, as the function does that AWS publishes for directories, then stores a password;
setSecret sets it; testSecret tries it by kinit; finishSecret moves AWSCURRENT. Nothing is taken back. Written anew from that
description: AWS Security Blog, "Manage your AWS Directory Service credentials using AWS Secrets Manager".
"""

import json
import os
import subprocess
import tempfile
import traceback
import urllib.request

import boto3

RUNTIME = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
CONFIGURATION = """\
[libdefaults]
 dns_lookup_kdc = false
 dns_canonicalize_hostname = false
 udp_preference_limit = 1
[realms]
 {realm} = {{
{kdcs}
 }}
"""

secrets, directories = boto3.client("secretsmanager"), boto3.client("ds")


def rotate(event):
    arn, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    versions = secrets.describe_secret(SecretId=arn)["VersionIdsToStages"]
    if "AWSCURRENT" in versions.get(token, []):
        return
    if "AWSPENDING" not in versions.get(token, []):
        raise ValueError("the version is not AWSPENDING")
    if step == "createSecret":
        create(arn, token)
    elif step == "setSecret":
        pending = value(arn, VersionId=token, VersionStage="AWSPENDING")
        directories.reset_user_password(
            DirectoryId=pending["Directory ID"], UserName=pending["UserName"], NewPassword=pending["Password"]
        )
    elif step == "testSecret":
        log_in(value(arn, VersionId=token, VersionStage="AWSPENDING"))
    elif step == "finishSecret":
        current = next(name for name, labels in versions.items() if "AWSCURRENT" in labels)
        secrets.update_secret_version_stage(
            SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
        )


def create(arn, token):
    current = value(arn, VersionStage="AWSCURRENT")
    log_in(current)
    try:
        value(arn, VersionId=token, VersionStage="AWSPENDING")
    except secrets.exceptions.ResourceNotFoundException:
        drawn = secrets.get_random_password(ExcludeCharacters="/@\"'\\")["RandomPassword"]
        secrets.put_secret_value(
            SecretId=arn, ClientRequestToken=token, SecretString=json.dumps(current | {"Password": drawn}),
            VersionStages=["AWSPENDING"],
        )


def value(arn, **which):
    return json.loads(secrets.get_secret_value(SecretId=arn, **which)["SecretString"])


def log_in(credential):
    described = directories.describe_directories(DirectoryIds=[credential["Directory ID"]])["DirectoryDescriptions"][0]
    realm = described["Name"].upper()
    kdcs = "\n".join(f"  kdc = {address}" for address in described["DnsIpAddrs"])
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(CONFIGURATION.format(realm=realm, kdcs=kdcs))
        file.flush()
        done = subprocess.run(
            ["kinit", "-c", "MEMORY:", f"{credential['UserName']}@{realm}"], input=credential["Password"] + "\n",
            env=os.environ | {"KRB5_CONFIG": file.name}, text=True, capture_output=True,
        )
    if done.returncode != 0:
        raise ValueError("kinit failed")


def answer(name, kind, body):
    request = urllib.request.Request(f"{RUNTIME}/{name}/{kind}", json.dumps(body).encode(), method="POST")
    urllib.request.urlopen(request).read()


def serve():
    while True:
        with urllib.request.urlopen(f"{RUNTIME}/next") as invocation:
            name, event = invocation.headers["Lambda-Runtime-Aws-Request-Id"], json.load(invocation)
        try:
            rotate(event)
        except Exception as error:
            traceback.print_exc()
            answer(name, "error", {"errorType": type(error).__name__, "errorMessage": str(error)})
        else:
            answer(name, "response", None)


serve()

"""Deploy the product's template to the lab as a person deploys it to AWS: `sam deploy`, with the lab's values.

The only differences: the functions' code is built for this machine instead of Lambda's arm64, and paths are absolute.
"""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

from samcli.yamlhelper import yaml_parse

from lab import aws_service, member_stacks, paths, rotation_network, settings, state
from lab.client import client
from lab.errors import LabError, UsageError
from lab.progress import say

TEMPLATE = paths.ROOT / "template.yaml"
BUILT = paths.RUN / "deploy"
LOG = paths.LOGS / "deploy.log"
FINGERPRINT = paths.RUN / "deployed.sha256"
BUCKET = f"lab-artifacts-{settings.ACCOUNT_ID}"
_WORKSPACES = f"arn:aws:workspaces:{settings.REGION}:{settings.ACCOUNT_ID}"
_CONNECT = f"arn:aws:connect:{settings.REGION}:{settings.ACCOUNT_ID}:instance/{settings.CONNECT_INSTANCE_ID}"
# Groups that the lab's directory does not have: whoever wants a rule to count makes its group.
_RULES = [
    {"group": "Designers", "services": ["workspaces"], "bundle": settings.OTHER_BUNDLE_ID},
    {"group": "Supervisors", "services": ["connect"], "securityProfiles": [settings.OTHER_SECURITY_PROFILE_ID]},
    {"group": "*", "services": ["workspaces", "connect"]},
]
_ONBOARDING = {
    "DirectoryLogGroupName": f"/aws/directoryservice/{settings.DIRECTORY_ID}",
    "DirectoryDomainName": settings.DOMAIN,
    "DirectoryNetbiosName": settings.NETBIOS,
    "OnboardingRules": json.dumps(_RULES, separators=(",", ":")),
    "WorkspacesBundleId": settings.WORKSPACES_BUNDLE_ID,
    "OtherBundleArns": f"{_WORKSPACES}:workspacebundle/{settings.OTHER_BUNDLE_ID}",
    "ConnectInstanceId": settings.CONNECT_INSTANCE_ID,
    "ConnectRoutingProfileId": settings.CONNECT_ROUTING_PROFILE_ID,
    "ConnectSecurityProfileId": settings.CONNECT_SECURITY_PROFILE_ID,
    "OtherConnectProfileArns": f"{_CONNECT}/security-profile/{settings.OTHER_SECURITY_PROFILE_ID}",
    "OffboardGraceSeconds": "1",
}
_JOINING = {
    "ComputerOu": settings.COMPUTERS_OU,
    "LdapsCaParameterName": settings.LDAPS_CA_PARAMETER,
    "ComputerSecretArn": settings.COMPUTER_SECRET_ARN,
    "JoinUserSecretArns": f"arn:aws:secretsmanager:{settings.REGION}:{settings.ACCOUNT_ID}:secret:rotated/{settings.JOIN_USER}-*",
    "JoinUserParameterPrefix": settings.JOIN_USER_PARAMETER.rpartition("/")[0] + "/",
    "OrganizationId": settings.ORGANIZATION_ID,
    "MemberRoleName": member_stacks.ROLE,
    "DynamoDBTableName": member_stacks.TABLE,
    "JoinHoldSeconds": "2",
    "JoinRetrySeconds": "3",
    "JoinLookAgainSeconds": "15",
    "SweepGraceSeconds": "2",
}
PARAMETERS = {
    "DirectoryId": settings.DIRECTORY_ID,
    "NotificationEmail": f"security@{settings.DOMAIN}",
    "Mode": "enforce",
    "HourlyBudget": "1000",
    "HourlyNotices": "1000",
    "WitnessDelaySeconds": "15",
    "CallerWaitSeconds": "60",
    "ApprovalSeconds": "5",
    "RotationVpcId": rotation_network.VPC,
    "RotationSubnetIds": ",".join(rotation_network.SUBNETS),
    "DirectorySecurityGroupId": rotation_network.SECURITY_GROUP,
    "SimpleDirectoryId": settings.SIMPLE_DIRECTORY_ID,
    "SimpleDirectorySecurityGroupId": rotation_network.SECURITY_GROUP,
    "TrustedForestSecretArns": settings.TRUSTED_FOREST_SECRET_ARN,
    "RotatedUser": settings.ROTATED_USER,
    "OtherSecretArns": f"arn:aws:secretsmanager:{settings.REGION}:{settings.ACCOUNT_ID}:secret:rotated/*",
    "LockoutThreshold": str(settings.LOCKOUT_THRESHOLD),
    "ReplicationSeconds": "5",
    **_ONBOARDING,
    **_JOINING,
}


def deploy(overrides: dict[str, str]) -> None:
    """Build, deploy and remember the state for `reset`; nothing is done when nothing has changed.

    Every parameter is given: `sam deploy` would keep what an earlier deployment has set."""
    binaries = _build()
    parameters = _defaults() | PARAMETERS | overrides
    template = _template(binaries)
    fingerprint = _fingerprint(template, binaries, parameters)
    if FINGERPRINT.exists() and FINGERPRINT.read_text() == fingerprint:
        say("the deployment is up to date")
        return
    FINGERPRINT.unlink(missing_ok=True)
    _put_code(binaries)
    rotation_network.make()
    _sam_deploy(template, parameters)
    member_stacks.deploy(_outputs())
    aws_service.admin("snapshot")
    FINGERPRINT.write_text(fingerprint)


def _defaults() -> dict[str, str]:
    declared = yaml_parse(TEMPLATE.read_text())["Parameters"]
    return {name: str(parameter["Default"]) for name, parameter in declared.items() if "Default" in parameter}


def check_names(parameters: dict[str, str]) -> None:
    """Refuse parameters that the template does not have."""
    known = yaml_parse(TEMPLATE.read_text())["Parameters"]
    if unknown := [name for name in parameters if name not in known]:
        raise UsageError(f"{TEMPLATE.name} has no parameter {', '.join(unknown)}; it has {', '.join(known)}")


def _build() -> dict[str, Path]:
    """Build the functions; the binary of each by its logical id (`Metadata.BuildProperties.Binary`)."""
    build = ["cargo", "build", "--locked", "--workspace", "--bins"]
    if subprocess.run(build, cwd=paths.ROOT, check=False).returncode != 0:
        raise LabError(f"the functions do not build: {' '.join(build)}")
    target = paths.ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
    binaries = {
        name: target / "debug" / function["Metadata"]["BuildProperties"]["Binary"]
        for name, function in _resources("AWS::Serverless::Function").items()
    }
    if missing := [str(binary) for binary in binaries.values() if not binary.exists()]:
        raise LabError(f"cargo did not build {', '.join(missing)}, which {TEMPLATE.name} names")
    return binaries


def _resources(kind: str, template: dict | None = None) -> dict[str, dict]:
    template = template or yaml_parse(TEMPLATE.read_text())
    return {name: resource for name, resource in template["Resources"].items() if resource["Type"] == kind}


def _template(binaries: dict[str, Path]) -> dict:
    """The template with each function's code folder and absolute paths of the state machines."""
    template = yaml_parse(TEMPLATE.read_text())
    for name, function in _resources("AWS::Serverless::Function", template).items():
        function["Properties"]["CodeUri"] = str(BUILT / binaries[name].name)
    for machine in _resources("AWS::Serverless::StateMachine", template).values():
        machine["Properties"]["DefinitionUri"] = str(paths.ROOT / machine["Properties"]["DefinitionUri"])
    return template


def _fingerprint(template: dict, binaries: dict[str, Path], parameters: dict[str, str]) -> str:
    digest = hashlib.sha256(json.dumps([template, parameters], default=str).encode())
    digest.update(member_stacks.TEMPLATE.read_bytes())
    machines = _resources("AWS::Serverless::StateMachine", template).values()
    for file in (*(Path(machine["Properties"]["DefinitionUri"]) for machine in machines), *binaries.values()):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _put_code(binaries: dict[str, Path]) -> None:
    """One folder with a `bootstrap` for each function, without debug information: it would be zipped and unzipped."""
    for binary in binaries.values():
        bootstrap = BUILT / binary.name / "bootstrap"
        bootstrap.parent.mkdir(parents=True, exist_ok=True)
        if shutil.which("strip") is None:
            shutil.copy2(binary, bootstrap)
        else:
            subprocess.run(["strip", "--strip-debug", "-o", str(bootstrap), str(binary)], check=True)


def _sam_deploy(template: dict, parameters: dict[str, str]) -> None:
    running = state.load()
    draft = BUILT / "template.json"
    draft.write_text(json.dumps(template, default=str))
    _make_bucket()
    command = [
        str(paths.VENV / "bin" / "sam"), "deploy", "--template-file", str(draft),
        "--stack-name", running["stack_name"], "--s3-bucket", BUCKET, "--region", running["region"],
        "--capabilities", "CAPABILITY_NAMED_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset",
        "--parameter-overrides", *(f"{name}={json.dumps(value)}" for name, value in parameters.items()),
    ]  # fmt: skip
    say("sam deploy")
    with open(LOG, "wb") as log:
        ended = subprocess.run(command, env=_environment(running), cwd=BUILT, stdout=log, stderr=log, check=False)
    if ended.returncode != 0:
        last = "\n".join(LOG.read_text(errors="replace").splitlines()[-40:])
        raise LabError(f"sam deploy failed; all of it is in {LOG}:\n{last}")


def _outputs() -> dict[str, str]:
    (stack,) = client("cloudformation").describe_stacks(StackName=settings.STACK_NAME)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _make_bucket() -> None:
    storage = client("s3")
    try:
        storage.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": settings.REGION})
    except storage.exceptions.BucketAlreadyOwnedByYou:
        say("updating the stack")


def _environment(running: dict) -> dict[str, str]:
    """Nothing of the caller's AWS settings, and no telemetry."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(BUILT),
        "AWS_ENDPOINT_URL": running["endpoint"],
        "AWS_ACCESS_KEY_ID": running["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": running["secret_access_key"],
        "AWS_DEFAULT_REGION": running["region"],
        "SAM_CLI_TELEMETRY": "0",
    }


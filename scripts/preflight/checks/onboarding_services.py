"""Onboarding: that Amazon WorkSpaces and Amazon Connect have what new users are to get."""

from preflight.account import ApiError
from preflight.check import Check
from preflight.checks.onboarding import log_group
from preflight.result import ok, problem, warning

GONE = ("ResourceNotFoundException", "InvalidParameterException", "InvalidRequestException")


def _given(subject, parameter):
    """A parameter of a stack that onboards users."""
    return subject.stack.parameters.get(parameter, "") if log_group(subject) else ""


def _workspaces(subject):
    if not _given(subject, "WorkspacesBundleId"):
        return
    directory = subject.directory_id
    registered = subject.account.items(
        "workspaces", "describe_workspace_directories", "Directories", DirectoryIds=[directory]
    )
    state = next((d.get("State", "") for d in registered if d["DirectoryId"] == directory), "not registered")
    if state == "REGISTERED":
        yield ok(f"{directory} is registered with Amazon WorkSpaces")
    elif state == "REGISTERING":
        yield warning(f"{directory} is being registered with Amazon WorkSpaces", "wait, then run doctor again")
    else:
        yield problem(
            f"{directory} is {state.lower()} with Amazon WorkSpaces: no user gets a WorkSpace",
            subject.aws("workspaces", "register-workspace-directory", "--directory-id", directory)
            + " --subnet-ids SUBNET SUBNET",
        )
    yield from _bundles(subject)


def _bundles(subject):
    compute = subject.stack.parameters.get("WorkspacesComputeType", "VALUE")
    others = filter(None, subject.stack.parameters.get("OtherBundleArns", "").split(","))
    wanted = [subject.stack.parameters["WorkspacesBundleId"], *(arn.strip().rpartition("/")[2] for arn in others)]
    found = {bundle: _bundle(subject, bundle) for bundle in dict.fromkeys(wanted)}
    which = subject.aws("workspaces", "describe-workspace-bundles") + "   # and --owner AMAZON: those that there are"
    for bundle, description in found.items():
        if description is None:
            yield problem(f"there is no bundle {bundle}: its users get no WorkSpace", which)
        elif bundle == wanted[0] and description.get("ComputeType", {}).get("Name", compute) != compute:
            name = description["ComputeType"]["Name"]
            yield warning(
                f"bundle {bundle} is of compute type {name}, and WorkSpaces are asked for as {compute}",
                subject.deploy(WorkspacesComputeType=name),
            )
    if all(found.values()):
        yield ok(f"Amazon WorkSpaces has the bundle{'s' if len(found) > 1 else ''} {', '.join(found)}")


def _bundle(subject, bundle):
    return _or_none(
        lambda: next(
            iter(subject.account.items("workspaces", "describe_workspace_bundles", "Bundles", BundleIds=[bundle])), None
        )
    )


def _connect(subject):
    instance = _given(subject, "ConnectInstanceId")
    if not instance:
        return
    found = _or_none(lambda: subject.account.call("connect", "describe_instance", InstanceId=instance)["Instance"])
    if found is None:
        yield problem(
            f"there is no Amazon Connect instance {instance} here: no user gets an account in it",
            subject.aws("connect", "list-instances") + "   # those that there are",
        )
        return
    if found.get("InstanceStatus") != "ACTIVE":
        yield problem(
            f"the Amazon Connect instance {instance} is {found.get('InstanceStatus')}",
            subject.aws("connect", "describe-instance", "--instance-id", instance),
        )
    kind = found.get("IdentityManagementType")
    if kind != "SAML":
        # Another kind needs a password, or an id of the directory's own, for each user.
        yield problem(
            f"the Amazon Connect instance {instance} manages identities by {kind}: users are made for SAML",
            "deploy with the ConnectInstanceId of an instance with SAML 2.0-based authentication; the kind cannot be changed",
        )
    else:
        yield ok(f"the Amazon Connect instance {found.get('InstanceAlias', instance)} is active and takes users by SAML")
    yield from _profiles(subject, instance)


def _profiles(subject, instance):
    parameters, missing = subject.stack.parameters, False
    wanted = [("routing", parameters["ConnectRoutingProfileId"]), ("security", parameters["ConnectSecurityProfileId"])]
    for arn in filter(None, parameters.get("OtherConnectProfileArns", "").split(",")):
        kind, _, profile = arn.strip().split(":", 5)[5].split("/", 2)[2].partition("-profile/")
        wanted.append((kind, profile))
    for kind, profile in wanted:
        name = _profile_name(subject, instance, kind, profile)
        if name is None:
            missing = True
            yield problem(
                f"the Amazon Connect instance has no {kind} profile {profile}: its users get no account",
                subject.aws("connect", f"list-{kind}-profiles", "--instance-id", instance) + "   # those that there are",
            )
        elif (kind, name) == ("security", "Admin"):
            yield warning(
                "new users get the security profile Admin of Amazon Connect",
                subject.aws("connect", "list-security-profiles", "--instance-id", instance) + "   # Agent is among them",
            )
    if not missing:
        yield ok(f"the Amazon Connect instance has the {len(wanted)} profiles that users get")


def _profile_name(subject, instance, kind, profile):
    member = f"{kind.capitalize()}ProfileId"
    asked = {"InstanceId": instance, member: profile}
    answer = _or_none(lambda: subject.account.call("connect", f"describe_{kind}_profile", **asked))
    if answer is None:
        return None
    described = answer[f"{kind.capitalize()}Profile"]
    return described.get("Name") or described.get("SecurityProfileName") or profile


def _or_none(ask):
    """What is asked for, None where AWS does not know it."""
    try:
        return ask()
    except ApiError as error:
        if error.code in GONE:
            return None
        raise


CHECKS = (
    Check("WorkSpaces", _workspaces, ("workspaces:DescribeWorkspaceDirectories", "workspaces:DescribeWorkspaceBundles")),
    Check(
        "Amazon Connect",
        _connect,
        ("connect:DescribeInstance", "connect:DescribeRoutingProfile", "connect:DescribeSecurityProfile"),
    ),
)

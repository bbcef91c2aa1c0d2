"""Amazon WorkSpaces: what exists, stopping, starting, terminating. Making them is in `workspaces_creation`, directories and
bundles are in `workspaces_registration`.

Sources: WorkSpaces API Reference (each operation's page), botocore model `workspaces`; Service Authorization Reference, Amazon
WorkSpaces (CreateWorkspaces needs the directory, the bundle and the WorkSpace, whose id nobody knows yet; Describe operations
have no resources); KMS Developer Guide, "How WorkSpaces uses AWS KMS" (a grant in the caller's name). The codes of requests
that fail on a WorkSpace that is not there or in no state for it are not documented, and made up.
"""

import time

from lab.aws import model, validation
from lab.aws import workspaces_store as store
from lab.aws.modelled import ApiError, Service
from lab.aws.services import workspaces_creation as creation
from lab.aws.services import workspaces_registration as registration
from lab.aws.workspace import Workspace

PAGE = 25


def _describe(call):
    """By ids, or by directory and perhaps user, or by bundle; the newest are not shown yet."""
    given = {"WorkspaceIds", "DirectoryId", "BundleId", "WorkspaceName"} & set(call.parameters)
    if len(given) > 1:
        raise _invalid("You can specify only one filter at a time.")
    if "UserName" in call.parameters and "DirectoryId" not in call.parameters:
        raise _invalid("UserName must be specified with DirectoryId.")
    now = time.time()
    shown = [w for w in store.existing(call.account, call.region) if w.made + store.HIDDEN_SECONDS <= now]
    return _page(call, [_description(w, now) for w in shown if _is_asked_for(w, call.parameters)])


def _is_asked_for(workspace, asked):
    if "WorkspaceIds" in asked:
        return workspace.id in asked["WorkspaceIds"]
    if "BundleId" in asked:
        return workspace.request["BundleId"] == asked["BundleId"]
    if "WorkspaceName" in asked:  # the lab has no user-decoupled ones
        return False
    if "UserName" in asked:
        return workspace.belongs_to(asked["DirectoryId"], asked["UserName"])
    return workspace.request["DirectoryId"] == asked.get("DirectoryId", workspace.request["DirectoryId"])


def _description(workspace, now):
    """It has a name and an address once it has been made."""
    asked, state = workspace.request, workspace.state(now)
    kept = ("VolumeEncryptionKey", "UserVolumeEncryptionEnabled", "RootVolumeEncryptionEnabled")
    answer = {name: asked[name] for name in ("DirectoryId", "UserName", "BundleId", *kept) if name in asked}
    answer |= {"WorkspaceId": workspace.id, "State": state, "WorkspaceProperties": workspace.properties}
    if state == "ERROR":
        return answer | workspace.error
    if state != "PENDING":
        answer |= {"ComputerName": f"WSAMZN-{workspace.id[3:].upper()}", "IpAddress": "172.31.0.10"}
        answer |= {"SubnetId": "subnet-0123456789abcdef0"}
    return answer


def _page(call, found):
    token = call.parameters.get("NextToken", "0")
    if not token.isascii() or not token.isdigit():
        raise _invalid("The token is not valid.")
    start, size = int(token), call.parameters.get("Limit", PAGE)
    more = {"NextToken": str(start + size)} if start + size < len(found) else {}
    return {"Workspaces": found[start : start + size], **more}


def _change(member, allowed, change):
    """An operation on each WorkSpace for itself: those that are not there or do not allow it are named in the answer."""

    def run(call):
        failed = []
        with store.lock:
            for request in call.parameters[member]:
                workspace, now = store.named(request["WorkspaceId"], call.account, call.region), time.time()
                if workspace is None:
                    failed.append(_failed(request, "ResourceNotFound.WorkSpace", "The WorkSpace could not be found."))
                elif not allowed(workspace, now):
                    message = f"The WorkSpace is {workspace.state(now)} with running mode {workspace.properties['RunningMode']}."
                    failed.append(_failed(request, "InvalidResourceState.WorkSpace", message))
                else:
                    change(workspace, now, store.behaviour.changing_seconds)
        return {"FailedRequests": failed}

    return run


def _failed(request, code, message):
    return {"WorkspaceId": request["WorkspaceId"], "ErrorCode": code, "ErrorMessage": message}


def _modify_state(call):
    """ADMIN_MAINTENANCE keeps a WorkSpace from being stopped or started."""
    wanted = call.parameters["WorkspaceState"]
    with store.lock:
        workspace, now = store.named(call.parameters["WorkspaceId"], call.account, call.region), time.time()
        if workspace is None:
            raise _not_found(call.parameters["WorkspaceId"])
        if not workspace.may_become(wanted, now):
            message = f"A WorkSpace that is {workspace.state(now)} cannot become {wanted}."
            raise ApiError("InvalidResourceStateException", message)
        workspace.become(wanted, now)


def _describe_tags(call):
    workspace = store.named(call.parameters["ResourceId"], call.account, call.region)
    if workspace is None:
        raise _not_found(call.parameters["ResourceId"])
    return {"TagList": workspace.tags}


def _not_found(name):
    return ApiError("ResourceNotFoundException", "The resource could not be found.", ResourceId=name)


def _invalid(message):
    return ApiError("InvalidParameterValuesException", message)


_TARGETS = {
    "StopWorkspaces": "StopWorkspaceRequests",
    "StartWorkspaces": "StartWorkspaceRequests",
    "TerminateWorkspaces": "TerminateWorkspaceRequests",
}


def _resources(call):
    """Every (ARN, condition keys) that the caller must be allowed the action on; IAM asks before the request is validated."""
    if validation.problems(call.parameters, model.input_shape("workspaces", call.operation)):
        return [("*", {})]
    if call.operation == "CreateWorkspaces":
        return [resource for request in call.parameters["Workspaces"] for resource in _needed(call, request)]
    if call.operation in _TARGETS:
        return [_workspace(call, request["WorkspaceId"]) for request in call.parameters[_TARGETS[call.operation]]]
    if call.operation == "ModifyWorkspaceState":
        return [_workspace(call, call.parameters["WorkspaceId"])]
    if call.operation in ("RegisterWorkspaceDirectory", "DeregisterWorkspaceDirectory"):
        return [(_arn(call, "directory", call.parameters.get("DirectoryId", "*")), {})]
    return [("*", {})]


def _needed(call, request):
    tags = {tag["Key"]: tag.get("Value", "") for tag in request.get("Tags", [])}
    keys = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    return [
        (_arn(call, "directory", request["DirectoryId"]), {}),
        (_arn(call, "workspacebundle", request["BundleId"]), {}),
        (_arn(call, "workspace", "*"), keys | ({"aws:TagKeys": list(tags)} if tags else {})),
    ]


def _workspace(call, name):
    tags = store.STORE[name].tags if name in store.STORE else []
    keys = {f"aws:ResourceTag/{tag['Key']}": tag.get("Value", "") for tag in tags}
    return _arn(call, "workspace", name), keys


def _arn(call, kind, name):
    return f"arn:aws:workspaces:{call.region}:{call.account}:{kind}/{name}"


def _also_requires(call):
    action = f"workspaces:{call.operation}"
    resources = _resources(call)
    further = [(action, arn, keys) for arn, keys in resources[1:]]
    if call.operation != "CreateWorkspaces" or resources[0][0] == "*":
        return further
    return further + [need for request in call.parameters["Workspaces"] for need in _of_the_key(call, request)]


def _of_the_key(call, request):
    if "VolumeEncryptionKey" not in request or (key := creation.key(request)) is None:
        return []
    through = {"kms:viaservice": f"workspaces.{call.region}.amazonaws.com", "kms:calleraccount": call.account}
    return [
        ("kms:DescribeKey", key["Arn"], through),
        ("kms:CreateGrant", key["Arn"], through | {"kms:grantisforawsresource": "true"}),
    ]


def _reset():
    store.reset()
    registration.REGISTRATIONS.clear()


SERVICE = Service(
    name="workspaces",
    operations={
        "CreateWorkspaces": creation.create,
        "DescribeWorkspaces": _describe,
        "StopWorkspaces": _change("StopWorkspaceRequests", Workspace.may_stop, Workspace.stop),
        "StartWorkspaces": _change("StartWorkspaceRequests", Workspace.may_start, Workspace.start),
        "TerminateWorkspaces": _change("TerminateWorkspaceRequests", Workspace.may_terminate, Workspace.terminate),
        "ModifyWorkspaceState": _modify_state,
        "DescribeTags": _describe_tags,
        "DescribeWorkspaceDirectories": registration.describe_directories,
        "RegisterWorkspaceDirectory": registration.register,
        "DeregisterWorkspaceDirectory": registration.deregister,
        "DescribeWorkspaceBundles": registration.describe_bundles,
    },
    resource=lambda call: _resources(call)[0][0],
    condition_keys=lambda call: _resources(call)[0][1],
    also_requires=_also_requires,
    reset=_reset,
    state=store.STORE,
)

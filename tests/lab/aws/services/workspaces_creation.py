"""WorkSpaces: CreateWorkspaces. It answers 200 with those that are being made and those that failed, each for itself.

Sources: WorkSpaces API Reference (CreateWorkspaces, WorkspaceRequest, WorkspaceProperties, FailedCreateWorkspaceRequest);
Administration Guide, "Modify a WorkSpace" (the sizes of volumes that go together) and "Launch a WorkSpace" (one for each user
of a directory). AWS lists no codes of failed requests. Seen were ResourceExists.WorkSpace, ResourceNotFound.Directory
(terraform-provider-aws issues 31482, provider-upjet-aws issue 569), ResourceNotFound.User and
AutoStopTimeoutIsNotApplicableForAnAlwaysOnWorkspace; ResourceNotFound.Bundle is named after them. That too many are refused
as a whole, by ResourceLimitExceededException, is what the API Reference documents.
"""

import secrets
import time

from ministack.services import kms

from lab.aws import active_directory as ad
from lab.aws import workspaces_store as store
from lab.aws.modelled import ApiError
from lab.aws.services import workspaces_registration as registration
from lab.aws.workspace import Workspace
from lab.domains import of_directory

# [root, user] in GiB that are a group; beyond, each may be chosen.
VOLUMES = ((80, 10), (80, 50), (80, 100))
LARGE_ROOT, LARGE_USER = range(175, 2001), range(100, 2001)


class Failed(Exception):
    """Why one of the requests fails; the others go on."""

    def __init__(self, code, message):
        super().__init__(code)
        self.answer = {"ErrorCode": code, "ErrorMessage": message}


def create(call):
    requests = call.parameters["Workspaces"]
    for request in requests:
        _check(request)
    found = _users(call, requests)
    with store.lock:
        good, failed = _judged(call, requests, found)
        there = len(store.existing(call.account, call.region))
        if good and there + len(good) > store.behaviour.limit:
            raise ApiError("ResourceLimitExceededException", "Your resource limits have been exceeded.")
        pending = [_pending(_begin(call, request, outcome)) for request, outcome in good]
    return {"FailedRequests": failed, "PendingRequests": pending}


def _check(request):
    """What no WorkSpace could be made with is refused for the whole call."""
    wanted = request.get("WorkspaceProperties", {})
    minutes = wanted.get("RunningModeAutoStopTimeoutInMinutes", 60)
    if minutes < 60 or minutes % 60:
        raise _invalid("RunningModeAutoStopTimeoutInMinutes is configured in 60-minute intervals.")
    if wanted.get("RunningMode") == "MANUAL":
        raise _invalid("The running mode MANUAL is only supported by Amazon WorkSpaces Core.")
    if "WorkspaceName" in request:
        raise _invalid("WorkspaceName is not applicable for user-assigned WorkSpaces.")
    root, user = wanted.get("RootVolumeSizeGib", 80), wanted.get("UserVolumeSizeGib", 100)
    if (root, user) not in VOLUMES and not (root in LARGE_ROOT and user in LARGE_USER):
        raise _invalid(f"A root volume of {root} GiB and a user volume of {user} GiB do not go together.")
    if "VolumeEncryptionKey" in request and key(request) is None:
        raise _invalid("The key for the volumes' encryption is not one that can be used.")


def _invalid(message):
    return ApiError("InvalidParameterValuesException", message)


def key(request):
    """The enabled symmetric key (API Reference: asymmetric ones are not supported)."""
    found = kms._resolve_key(request["VolumeEncryptionKey"])
    usable = found is not None and found.get("KeyState") == "Enabled" and found.get("KeySpec") == "SYMMETRIC_DEFAULT"
    return found if usable else None


def _users(call, requests):
    """The lower-case names of (directory, user) pairs that the directories have; disabled ones too, of which AWS says
    nothing."""
    found = set()
    registered = registration.registered(call)
    for directory_id in {request["DirectoryId"] for request in requests} & set(registered):
        domain = of_directory(directory_id)
        names = {request["UserName"] for request in requests if request["DirectoryId"] == directory_id}
        try:
            with ad.opened(domain) as connection:
                there = (name for name in names if ad.find(connection, ad.USERS, name, base=domain.base_dn))
                found |= {(directory_id, name.lower()) for name in there}
        except ad.Unavailable as error:
            raise ApiError("InternalServerException", str(error), status=500) from error
    return found


def _judged(call, requests, found):
    """[(request, state that its WorkSpace ends in)] and the answers for those that fail; a user named twice fails once."""
    good, failed, taken = [], [], set()
    for request in requests:
        user = (request["DirectoryId"], request["UserName"].lower())
        try:
            good.append((request, _outcome(call, request, user in found, user in taken)))
            taken.add(user)
        except Failed as why:
            failed.append({"WorkspaceRequest": request} | why.answer)
    return good, failed


def _outcome(call, request, is_found, is_taken):
    directory_id, user = request["DirectoryId"], request["UserName"]
    wanted = request.get("WorkspaceProperties", {})
    if directory_id not in registration.registered(call):
        raise Failed("ResourceNotFound.Directory", "The specified directory could not be found in the specified region.")
    if request["BundleId"] not in registration.BUNDLES:
        raise Failed("ResourceNotFound.Bundle", "The specified bundle could not be found in the specified region.")
    if wanted.get("RunningMode", "ALWAYS_ON") == "ALWAYS_ON" and "RunningModeAutoStopTimeoutInMinutes" in wanted:
        message = "RunningModeAutoStopTimeoutInMinutes is not applicable for WorkSpace with running mode set to ALWAYS_ON."
        raise Failed("AutoStopTimeoutIsNotApplicableForAnAlwaysOnWorkspace", message)
    if not is_found:
        raise Failed("ResourceNotFound.User", "The specified user could not be found in the directory.")
    if is_taken or any(w.belongs_to(directory_id, user) for w in store.existing(call.account, call.region)):
        raise Failed("ResourceExists.WorkSpace", "A WorkSpace already exists for the specified user.")
    outcome = store.due(user) or "AVAILABLE"
    if outcome != "AVAILABLE" and outcome not in store.BROKEN:
        raise Failed(outcome, f"The lab was told to fail this request with {outcome}.")
    return outcome


def _begin(call, request, outcome):
    bundle = registration.BUNDLES[request["BundleId"]]
    wanted = request.get("WorkspaceProperties", {})
    properties = {
        "RunningMode": "ALWAYS_ON",
        "RootVolumeSizeGib": int(bundle["RootStorage"]["Capacity"]),
        "UserVolumeSizeGib": int(bundle["UserStorage"]["Capacity"]),
        "ComputeTypeName": bundle["ComputeType"]["Name"],
        **({"RunningModeAutoStopTimeoutInMinutes": 60} if wanted.get("RunningMode") == "AUTO_STOP" else {}),
        **wanted,
    }
    request, now = request | {"WorkspaceProperties": properties}, time.time()
    workspace = Workspace(f"ws-{secrets.token_hex(5)[:9]}", call.account, call.region, request, now)
    workspace.create(now, store.behaviour.pending_seconds, outcome)
    if outcome == "ERROR":
        workspace.error = {"ErrorCode": "InternalFailure", "ErrorMessage": "The WorkSpace could not be created."}
    store.STORE[workspace.id] = workspace
    return workspace


def _pending(workspace):
    asked = workspace.request
    return {
        "WorkspaceId": workspace.id,
        "DirectoryId": asked["DirectoryId"],
        "UserName": asked["UserName"],
        "BundleId": asked["BundleId"],
        "State": "PENDING",
        "WorkspaceProperties": workspace.properties,
    }

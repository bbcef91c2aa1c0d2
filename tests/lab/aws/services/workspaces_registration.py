"""WorkSpaces: the directories that are registered, and the bundles that there are.

Sources: WorkSpaces API Reference (DescribeWorkspaceDirectories, RegisterWorkspaceDirectory, DeregisterWorkspaceDirectory,
DescribeWorkspaceBundles). The AWS Managed Microsoft AD is registered from the beginning, a prerequisite of the product; how
its type is called is not documented, SIMPLE_AD is assumed. The bundles' ids are made up.
"""

import datetime

from lab import settings
from lab.aws import directories
from lab.aws import workspaces_store as store
from lab.aws.modelled import ApiError
from lab.domains import MANAGED


def _bundle(name, bundle_id, compute, root, user):
    return {
        "BundleId": bundle_id,
        "Name": name,
        "Owner": "AMAZON",
        "Description": f"{name}: {compute}, {root} GiB root, {user} GiB user",
        "RootStorage": {"Capacity": str(root)},
        "UserStorage": {"Capacity": str(user)},
        "ComputeType": {"Name": compute},
        "State": "AVAILABLE",
        "BundleType": "REGULAR",
        "CreationTime": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
    }


BUNDLES = {
    bundle["BundleId"]: bundle
    for bundle in (
        _bundle("Value with Windows 10 (Server 2022 based)", settings.WORKSPACES_BUNDLE_ID, "VALUE", 80, 10),
        _bundle("Standard with Windows 10 (Server 2022 based)", settings.OTHER_BUNDLE_ID, "STANDARD", 80, 50),
        _bundle("Power with Windows 10 (Server 2022 based)", "wsb-power0001", "POWER", 175, 100),
    )
}
# Name of a directory -> whether it is registered, where that is not as in the beginning.
REGISTRATIONS = {}


def registered(call):
    """The ids of the directories that WorkSpaces can be made in."""
    return [d.directory_id for d in directories.visible(call) if REGISTRATIONS.get(d.directory_id, d is MANAGED)]


def register(call):
    """WorkSpaces Personal with a directory of Directory Service only."""
    if call.parameters.get("WorkspaceType", "PERSONAL") != "PERSONAL" or "DirectoryId" not in call.parameters:
        raise ApiError("OperationNotSupportedException", "The lab knows directories of WorkSpaces Personal only.")
    domain = _known(call)
    if domain.directory_id in registered(call):
        raise ApiError("ResourceAlreadyExistsException", "The specified resource already exists.")
    REGISTRATIONS[domain.directory_id] = True
    return {"DirectoryId": domain.directory_id, "State": "REGISTERED"}


def deregister(call):
    """Not while there are WorkSpaces in it."""
    domain = _known(call)
    used = (w.request["DirectoryId"] for w in store.existing(call.account, call.region))
    if domain.directory_id in used or domain.directory_id not in registered(call):
        raise ApiError("InvalidResourceStateException", f"{domain.directory_id} cannot be deregistered now.")
    REGISTRATIONS[domain.directory_id] = False


def _known(call):
    domain = directories.named(call)
    if domain is None:
        raise ApiError("ResourceNotFoundException", "The resource could not be found.")
    return domain


def describe_directories(call):
    wanted, mine = call.parameters.get("DirectoryIds"), registered(call)
    found = [d for d in directories.visible(call) if d.directory_id in (wanted or mine) and d.directory_id in mine]
    return {"Directories": [_description(call, domain) for domain in found]}


def _description(call, domain):
    return {
        "DirectoryId": domain.directory_id,
        "Alias": f"lab-{domain.netbios.lower()}",
        "DirectoryName": domain.name,
        "RegistrationCode": f"WSdub+{domain.netbios[:6]}",
        "DnsIpAddresses": list(domain.dns_addresses),
        "CustomerUserName": domain.admin_user,
        "DirectoryType": "SIMPLE_AD",
        "State": "REGISTERED",
        "Tenancy": "SHARED",
        "WorkspaceType": "PERSONAL",
        "UserIdentityType": "AWS_DIRECTORY_SERVICE",
        "IamRoleId": f"arn:aws:iam::{call.account}:role/workspaces_DefaultRole",
    }


def describe_bundles(call):
    """By ids or by owner, not both; without either those of the account, which has none."""
    names, owner = call.parameters.get("BundleIds"), call.parameters.get("Owner")
    if names and owner:
        raise ApiError("InvalidParameterValuesException", "BundleIds and Owner cannot be combined.")
    if names:
        return {"Bundles": [BUNDLES[name] for name in names if name in BUNDLES]}
    return {"Bundles": list(BUNDLES.values()) if owner == "AMAZON" else []}

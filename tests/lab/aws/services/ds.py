"""Directory Service: the directories themselves and password resets. Log forwarding is in `security_log.subscriptions`,
computers are in `ds_computers`.

Source: AWS Directory Service API Reference (ResetUserPassword, DescribeDirectories, EnableDirectoryDataAccess and its
siblings); botocore model `ds`.
"""

import contextlib

from lab import domains, settings
from lab.aws import active_directory as ad
from lab.aws import directories
from lab.aws.modelled import ApiError, Service
from lab.aws.security_log import subscriptions
from lab.aws.services import ds_computers
from lab.domains import MANAGED


def _describe_directories(call):
    mine = {domain.directory_id: domain for domain in directories.visible(call)}
    wanted = call.parameters.get("DirectoryIds") or list(mine)
    for name in wanted:
        if name not in mine:
            raise ApiError("EntityDoesNotExistException", f"Directory {name} does not exist.")
    return {"DirectoryDescriptions": [_description(mine[name]) for name in wanted]}


def _description(domain):
    alias = f"lab-{domain.netbios.lower()}"
    return {
        "DirectoryId": domain.directory_id,
        "Name": domain.name,
        "ShortName": domain.netbios,
        "Type": domain.kind,
        "Stage": "Active",
        "Alias": alias,
        "AccessUrl": f"{alias}.awsapps.com",
        "DnsIpAddrs": list(domain.dns_addresses),
        "SsoEnabled": False,
        "LaunchTime": directories.LAUNCHED,
        "StageLastUpdatedDateTime": directories.LAUNCHED,
        **_OF_KIND[domain.kind],
    }


_OF_KIND = {
    "MicrosoftAD": {
        "Edition": "Standard",
        "DesiredNumberOfDomainControllers": 2,
        "RegionsInfo": {"PrimaryRegion": settings.REGION, "AdditionalRegions": []},
        "OsVersion": "SERVER_2019",
    },
    "SimpleAD": {"Size": "Small"},
}


def _reset_user_password(call):
    """Works where `_may_be_reset` says; "Disabled users will become enabled and can be authenticated"."""
    domain = directories.named(call)
    if domain is None:
        raise ApiError("EntityDoesNotExistException", f"Directory {call.parameters['DirectoryId']} does not exist.")
    try:
        with ad.opened(domain) as connection:
            _reset(domain, connection, call.parameters["UserName"], call.parameters["NewPassword"])
    except ad.Unavailable as error:
        raise ApiError("DirectoryUnavailableException", str(error)) from error


def _reset(domain, connection, name, password):
    user = ad.find(connection, ad.USERS, name, ["memberOf"], base=domain.base_dn)
    if user is None or not _may_be_reset(domain, user):
        raise ApiError("UserDoesNotExistException", f"{name} does not exist in the directory.")
    try:
        ad.set_password(connection, user.dn, password)
    except ad.Refused as error:
        raise ApiError("InvalidPasswordException", "The password does not meet the directory's policy.") from error
    flags = user.number("userAccountControl") & ~ad.ACCOUNT_DISABLED
    ad.replace(connection, user.dn, userAccountControl=[str(flags)], lockoutTime=["0"])
    _passwords()[domain.directory_id, user.name] = password


def _passwords():
    return directories.STATE.setdefault("passwords", {})


def repeat_resets():
    """Bring directories that were restored to the passwords of the snapshot's secrets: a deployment may have rotated some."""
    for (directory_id, name), password in list(_passwords().items()):
        domain = domains.of_directory(directory_id)
        with contextlib.suppress(ApiError), ad.opened(domain) as connection:  # who was made later is not there
            _reset(domain, connection, name, password)


def _may_be_reset(domain, user):
    """API Reference, ResetUserPassword: AWS Managed Microsoft AD below the customer's OU; Simple AD everyone but the members
    of Domain Admins and Enterprise Admins, of which the administrator may be reset all the same."""
    if domain.customer_ou:
        return user.belongs_to_customer
    protected = (f"cn={name} admins,cn=users,{domain.base_dn}".lower() for name in ("domain", "enterprise"))
    groups = {value.decode().lower() for value in user.values("memberOf")}
    return user.name.lower() == domain.admin_user.lower() or not groups & set(protected)


def _known(call):
    domain = directories.named(call)
    if domain is None:
        raise ApiError("DirectoryDoesNotExistException", f"Directory {call.parameters['DirectoryId']} does not exist.")
    if domain is not MANAGED:
        raise ApiError("UnsupportedOperationException", "The operation is not supported for this type of directory.")


def _describe_data_access(call):
    _known(call)
    return {"DataAccessStatus": directories.data_access_status()}


def _change_data_access(status):
    def change(call):
        _known(call)
        if directories.data_access_status() == status:
            raise ApiError("DirectoryInDesiredStateException", f"Directory data access is already {status.lower()}.")
        directories.set_data_access(status)

    return change


def _resource(call):
    """What lists directories has no resource level."""
    if call.operation in ("DescribeDirectories", "ListLogSubscriptions"):
        return "*"
    return directories.arn(call.parameters.get("DirectoryId", "*"), call.account, call.region)


SERVICE = Service(
    name="ds",
    operations={
        "DescribeDirectories": _describe_directories,
        "ResetUserPassword": _reset_user_password,
        "CreateComputer": ds_computers.create,
        "DescribeDirectoryDataAccess": _describe_data_access,
        "EnableDirectoryDataAccess": _change_data_access("Enabled"),
        "DisableDirectoryDataAccess": _change_data_access("Disabled"),
        **subscriptions.OPERATIONS,
    },
    resource=_resource,
    reset=directories.reset,
    state=directories.STATE,
)

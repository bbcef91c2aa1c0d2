"""Directory Service: the directory itself and password resets.

Source: AWS Directory Service API Reference (ResetUserPassword, DescribeDirectories, EnableDirectoryDataAccess and its
siblings); botocore model `ds`.
"""

from lab import settings
from lab.aws import active_directory as ad
from lab.aws import directories
from lab.aws.modelled import ApiError, Service


def _describe_directories(call):
    here = (call.account, call.region) == (settings.ACCOUNT_ID, settings.REGION)
    wanted = call.parameters.get("DirectoryIds") or [settings.DIRECTORY_ID]
    unknown = [name for name in wanted if name != settings.DIRECTORY_ID or not here]
    if call.parameters.get("DirectoryIds") and unknown:
        raise ApiError("EntityDoesNotExistException", f"Directory {unknown[0]} does not exist.")
    return {"DirectoryDescriptions": [_description()] if here else []}


def _description():
    return {
        "DirectoryId": settings.DIRECTORY_ID,
        "Name": settings.DOMAIN,
        "ShortName": settings.NETBIOS,
        "Edition": "Standard",
        "Type": "MicrosoftAD",
        "Stage": "Active",
        "Alias": "lab-corp",
        "AccessUrl": "lab-corp.awsapps.com",
        "DnsIpAddrs": [settings.DC_ADDRESS],
        "DesiredNumberOfDomainControllers": 2,
        "SsoEnabled": False,
        "LaunchTime": directories.LAUNCHED,
        "StageLastUpdatedDateTime": directories.LAUNCHED,
        "RegionsInfo": {"PrimaryRegion": settings.REGION, "AdditionalRegions": []},
        "OsVersion": "SERVER_2019",
    }


def _reset_user_password(call):
    """Works below the customer's OU; "Disabled users will become enabled and can be authenticated"."""
    if not directories.exists(call):
        raise ApiError("EntityDoesNotExistException", f"Directory {call.parameters['DirectoryId']} does not exist.")
    try:
        with ad.opened() as connection:
            _reset(connection, call.parameters["UserName"], call.parameters["NewPassword"])
    except ad.Unavailable as error:
        raise ApiError("DirectoryUnavailableException", str(error)) from error


def _reset(connection, name, password):
    user = ad.find(connection, ad.USERS, name)
    if user is None or not user.belongs_to_customer:
        raise ApiError("UserDoesNotExistException", f"{name} does not exist in the directory.")
    try:
        ad.set_password(connection, user.dn, password)
    except ad.Refused as error:
        raise ApiError("InvalidPasswordException", "The password does not meet the directory's policy.") from error
    flags = user.number("userAccountControl") & ~ad.ACCOUNT_DISABLED
    ad.replace(connection, user.dn, userAccountControl=[str(flags)], lockoutTime=["0"])


def _known(call):
    if not directories.exists(call):
        raise ApiError("DirectoryDoesNotExistException", f"Directory {call.parameters['DirectoryId']} does not exist.")


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
    """DescribeDirectories has no resource level."""
    if call.operation == "DescribeDirectories":
        return "*"
    return directories.arn(call.parameters.get("DirectoryId", "*"), call.account, call.region)


SERVICE = Service(
    name="ds",
    operations={
        "DescribeDirectories": _describe_directories,
        "ResetUserPassword": _reset_user_password,
        "DescribeDirectoryDataAccess": _describe_data_access,
        "EnableDirectoryDataAccess": _change_data_access("Enabled"),
        "DisableDirectoryDataAccess": _change_data_access("Disabled"),
    },
    resource=_resource,
    reset=directories.reset,
)

"""The directory: there, active, of the right type, in its primary Region, and open to Directory Service Data."""

from preflight.check import Check
from preflight.result import could_not_check, notice, ok, problem, warning

# Directory Service Data, "Quotas": reads and writes a second. No API tells them.
DATA_QUOTAS = {"Standard": (8, 4), "Enterprise": (16, 8)}


def _exists(subject):
    if subject.directory_id is None:
        yield could_not_check("no directory was named", "scripts/doctor --directory d-90670123ab")
        return
    directory, region = subject.directory, subject.account.region
    if directory is None:
        others = subject.account.items("ds", "describe_directories", "DirectoryDescriptions")
        known = ", ".join(d["DirectoryId"] for d in others) or "none"
        yield problem(
            f"account {subject.account_id} has no directory {subject.directory_id} in {region}; what it has: {known}",
            "use the directory's account and primary Region (AWS_PROFILE, --region), or deploy with another id",
        )
        return
    yield from _right_kind(subject, directory)
    if directory["Stage"] == "Active":
        yield ok(f"{subject.directory_id} ({directory['Name']}) is active")
    elif directory["Stage"] in ("Impaired", "Inoperable", "Failed"):
        yield problem(
            f"{subject.directory_id} is {directory['Stage']}: {directory.get('StageReason', 'no reason given')}",
            "see AWS Directory Service, 'Directory status reasons', or open a case with AWS Support",
        )
    else:
        yield warning(
            f"{subject.directory_id} is {directory['Stage']}", "wait until it is Active, then run doctor again"
        )


def _right_kind(subject, directory):
    primary = directory.get("RegionsInfo", {}).get("PrimaryRegion", subject.account.region)
    if directory["Type"] == "SharedMicrosoftAD":
        owner = directory.get("OwnerDirectoryDescription", {}).get("AccountId", "the owner's account")
        yield problem("the directory is only shared with this account", f"deploy in {owner}, which owns it")
    elif directory["Type"] != "MicrosoftAD":
        yield problem(
            f"the directory's type is {directory['Type']}: Directory Service Data knows only MicrosoftAD",
            "deploy with the DirectoryId of an AWS Managed Microsoft AD",
        )
    if primary != subject.account.region:
        yield problem(
            f"the directory's primary Region is {primary}: elsewhere Directory Service Data does not serve it",
            f"sam deploy --region {primary}, and scripts/doctor --region {primary}",
        )


def _data_access(subject):
    if subject.directory is None:
        return
    answer = subject.account.call("ds", "describe_directory_data_access", DirectoryId=subject.directory_id)
    status = answer["DataAccessStatus"]
    enable = subject.aws("ds", "enable-directory-data-access", "--directory-id", subject.directory_id)
    if status == "Enabled":
        yield ok("users can be looked up and disabled through Directory Service Data")
    elif status == "Enabling":
        yield warning("directory data access is being enabled", "wait some minutes, then run doctor again")
    else:
        yield problem(f"directory data access is {status}: users can be neither looked up nor disabled", enable)


def _data_quotas(subject):
    if subject.directory is None:
        return
    edition = subject.directory.get("Edition", "")
    if edition not in DATA_QUOTAS:
        yield could_not_check(f"the quotas of edition {edition or 'unknown'} are not known")
        return
    reads, writes = DATA_QUOTAS[edition]
    yield notice(
        f"edition {edition} allows {reads} reads and {writes} writes a second, by the documentation: no API tells"
    )


CHECKS = (
    Check("directory", _exists, ("ds:DescribeDirectories",), needs_stack=False),
    Check("data access", _data_access, ("ds:DescribeDirectoryDataAccess",), needs_stack=False),
    Check("data quotas", _data_quotas, needs_stack=False),
)

"""The lab's Active Directory domains: the AWS Managed Microsoft AD, the Simple AD, a self-managed one. No secrets."""

from dataclasses import dataclass
from pathlib import Path

from lab import paths, settings


@dataclass(frozen=True)
class Domain:
    """`folder` names what the domain has of its own: its files, its snapshot, its process and log."""

    folder: str
    kind: str
    # None: AWS does not know it.
    directory_id: str | None
    name: str
    netbios: str
    address: str
    # What DescribeDirectories shows, or the product is told; leads to `address` (aws/controllers.py).
    dns_addresses: tuple[str, str]
    admin_user: str
    # Below it lies what the customer may change; None: everywhere.
    customer_ou: str | None
    users: str
    # Before this domain's variables in `scripts/lab env` and its passwords in the lab's state.
    prefix: str = ""
    interfaces: str = ""

    @property
    def realm(self) -> str:
        return self.name.upper()

    @property
    def base_dn(self) -> str:
        return ",".join(f"DC={part}" for part in self.name.split("."))

    @property
    def dc_host(self) -> str:
        return f"dc1.{self.name}"

    @property
    def home(self) -> Path:
        """The domain controller's own files, in the lab's scratch space."""
        return paths.SCRATCH / self.folder

    @property
    def scratch(self) -> Path:
        """What the process of the domain controller leaves behind while it runs."""
        return paths.SCRATCH / f"{self.folder}-run"

    def password(self, state: dict, account: str) -> str:
        """The password of one of `directory.snapshot.ACCOUNTS` in the lab's state."""
        return state[f"{self.prefix}{account}_password"]


MANAGED = Domain(
    folder="directory",
    kind="MicrosoftAD",
    directory_id=settings.DIRECTORY_ID,
    name=settings.DOMAIN,
    netbios=settings.NETBIOS,
    address=settings.DC_ADDRESS,
    dns_addresses=settings.DNS_ADDRESSES,
    admin_user=settings.ADMIN_USER,
    customer_ou=settings.CUSTOMER_OU,
    users=settings.USERS_OU,
    interfaces=f"{settings.DC_ADDRESS}/16 127.0.0.1/8",
)

# Beside it in the same network, so it keeps off the loopback. Its administrator is named as Samba names it.
SIMPLE = Domain(
    folder="simple-directory",
    kind="SimpleAD",
    directory_id=settings.SIMPLE_DIRECTORY_ID,
    name=settings.SIMPLE_DOMAIN,
    netbios=settings.SIMPLE_NETBIOS,
    address=settings.SIMPLE_DC_ADDRESS,
    dns_addresses=settings.SIMPLE_DNS_ADDRESSES,
    admin_user="Administrator",
    customer_ou=None,
    users="CN=Users," + ",".join(f"DC={part}" for part in settings.SIMPLE_DOMAIN.split(".")),
    prefix="simple_",
    interfaces=f"{settings.SIMPLE_DC_ADDRESS}/16",
)

# Self-managed, of another forest.
TRUSTED = Domain(
    folder="trusted-directory",
    kind="SelfManaged",
    directory_id=None,
    name=settings.TRUSTED_DOMAIN,
    netbios=settings.TRUSTED_NETBIOS,
    address=settings.TRUSTED_DC_ADDRESS,
    dns_addresses=settings.TRUSTED_CONTROLLERS,
    admin_user="Administrator",
    customer_ou=None,
    users=settings.TRUSTED_USERS_OU,
    prefix="trusted_",
    interfaces=f"{settings.TRUSTED_DC_ADDRESS}/16",
)

OF_AWS = (MANAGED, SIMPLE)
ALL = (*OF_AWS, TRUSTED)


def of_directory(directory_id: str) -> Domain | None:
    return next((domain for domain in OF_AWS if domain.directory_id == directory_id), None)

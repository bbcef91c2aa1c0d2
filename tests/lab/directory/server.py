"""The domain controller's own files and process: Samba in a folder of the lab's scratch space."""

import asyncio
import subprocess
from pathlib import Path

from lab import paths
from lab.errors import LabError
from lab.settings import DC_ADDRESS, NETBIOS, REALM

HOME = paths.SCRATCH / "directory"
CONFIGURATION = HOME / "etc" / "smb.conf"
DATABASE = HOME / "private" / "sam.ldb"
START_SECONDS = 30

# Kerberos, DNS, LDAP, LDAPS: what must answer before the directory is up.
PORTS = (88, 53, 389, 636)

GLOBALS = {
    "workgroup": NETBIOS,
    "realm": REALM,
    "netbios name": "DC1",
    "server role": "active directory domain controller",
    "interfaces": f"{DC_ADDRESS}/16 127.0.0.1/8",
    "bind interfaces only": "yes",
    "disable netbios": "yes",
    "server services": "rpc, ldap, cldap, kdc, kcc, dns",
    "private dir": HOME / "private",
    "state directory": HOME / "state",
    "cache directory": HOME / "cache",
    "lock directory": HOME / "state",
    "binddns dir": HOME / "bind-dns",
    "pid directory": paths.SCRATCH / "samba",
    "ncalrpc dir": paths.SCRATCH / "samba" / "ncalrpc",
    "winbindd socket directory": paths.SCRATCH / "samba" / "winbindd",
    "tls cafile": HOME / "private" / "tls" / "ca.pem",
    "tls certfile": HOME / "private" / "tls" / "cert.pem",
    "tls keyfile": HOME / "private" / "tls" / "key.pem",
    "log level": 1,
    "max log size": 0,
}


def command() -> list[str]:
    """Run the domain controller in the foreground, logging to stdout."""
    (paths.SCRATCH / "samba").mkdir(exist_ok=True)
    return ["samba", "--foreground", "--no-process-group", "--model=single", "--debug-stdout",
            f"--configfile={CONFIGURATION}"]


def write_configuration(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[global]\n" + "".join(f"  {key} = {value}\n" for key, value in GLOBALS.items()))


def samba_version() -> str:
    return subprocess.run(["samba", "--version"], check=True, capture_output=True, text=True).stdout.strip()


async def wait_until_answering() -> None:
    try:
        async with asyncio.timeout(START_SECONDS):
            for port in PORTS:
                await _reachable(port)
    except TimeoutError:
        raise LabError(f"the directory did not start within {START_SECONDS} s; see {paths.LOGS / 'samba.log'}") from None


async def _reachable(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection(DC_ADDRESS, port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return

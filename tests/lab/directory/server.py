"""A domain controller's own files and process: Samba in a folder of the lab's scratch space."""

import asyncio
import subprocess
from pathlib import Path

from lab import paths
from lab.domains import Domain
from lab.errors import LabError
from lab.service import Service

START_SECONDS = 30

# Kerberos, DNS, LDAP, LDAPS: what must answer before the directory is up.
PORTS = (88, 53, 389, 636)

SERVICES = {"MicrosoftAD": "samba", "SimpleAD": "samba-simple-ad", "SelfManaged": "samba-trusted"}


def configuration(domain: Domain) -> Path:
    return domain.home / "etc" / "smb.conf"


def audit_log(domain: Domain) -> Path:
    """Where the domain controller writes each change of the directory as a line of JSON."""
    return domain.scratch / "audit.log"


def command(domain: Domain) -> list[str]:
    """Run the domain controller in the foreground. Its log goes where its output goes, but with `--debug-stdout` the audit
    would go there too."""
    domain.scratch.mkdir(exist_ok=True)
    return ["samba", "--foreground", "--no-process-group", "--model=single", f"--configfile={configuration(domain)}",
            "--option=log file=/dev/stdout", f"--option=log level=1 dsdb_json_audit:5@{audit_log(domain)}"]


def write_configuration(domain: Domain, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[global]\n" + "".join(f"  {key} = {value}\n" for key, value in _options(domain).items()))


def _options(domain: Domain) -> dict:
    home, scratch = domain.home, domain.scratch
    return {
        "workgroup": domain.netbios,
        "realm": domain.realm,
        "netbios name": "DC1",
        "server role": "active directory domain controller",
        "interfaces": domain.interfaces,
        "bind interfaces only": "yes",
        "disable netbios": "yes",
        "server services": "rpc, ldap, cldap, kdc, kcc, dns",
        "private dir": home / "private",
        "state directory": home / "state",
        "cache directory": home / "cache",
        "lock directory": home / "state",
        "binddns dir": home / "bind-dns",
        "pid directory": scratch,
        "ncalrpc dir": scratch / "ncalrpc",
        "winbindd socket directory": scratch / "winbindd",
        "tls cafile": home / "private" / "tls" / "ca.pem",
        "tls certfile": home / "private" / "tls" / "cert.pem",
        "tls keyfile": home / "private" / "tls" / "key.pem",
        "log level": 1,
        "max log size": 0,
    }


def samba_version() -> str:
    return subprocess.run(["samba", "--version"], check=True, capture_output=True, text=True).stdout.strip()


def service(domain: Domain) -> Service:
    return Service(SERVICES[domain.kind], lambda: command(domain), lambda: _wait_until_answering(domain))


async def _wait_until_answering(domain: Domain) -> None:
    try:
        async with asyncio.timeout(START_SECONDS):
            for port in PORTS:
                await _reachable(domain.address, port)
    except TimeoutError:
        log = paths.LOGS / f"{SERVICES[domain.kind]}.log"
        raise LabError(f"{domain.name} did not start within {START_SECONDS} s; see {log}") from None


async def _reachable(address: str, port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection(address, port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return

"""Provision a domain once; afterwards restore it from a snapshot, which takes a fraction of a second."""

import hashlib
import json
import secrets
import shutil
import subprocess
from pathlib import Path

from lab import domains, paths, settings, state
from lab.directory import certificates, server
from lab.domains import Domain
from lab.errors import LabError

# Debian's Python has Samba's bindings; the lab's virtual environment does not.
SYSTEM_PYTHON = "/usr/bin/python3"

PEOPLE = {
    "martha.rivera": ("Martha", "Rivera"),
    "mateo.jackson": ("Mateo", "Jackson"),
    settings.ROTATED_USER: ("Service", "Rotated"),
}
SERVICE_ACCOUNTS = ("svc-backup", "svc-report")
# Whose passwords lie with the snapshot.
ACCOUNTS = {
    "MicrosoftAD": ("admin", "operator", "join", "leave"),
    "SimpleAD": ("admin", "operator"),
    "SelfManaged": ("admin", "operator", "contain", "lookup"),
}
GROUPS = {"Engineering": ["martha.rivera", "mateo.jackson"]}


def archive(domain: Domain) -> Path:
    """The snapshot that today's sources and Samba would make; another version of either is another snapshot."""
    sources = [*sorted(Path(__file__).parent.glob("*.py")), *(paths.PACKAGE / name for name in ("domains.py", "settings.py"))]
    mark = hashlib.sha256(server.samba_version().encode())
    for source in sources:
        mark.update(source.read_bytes())
    return paths.CACHE / f"{domain.folder}-{mark.hexdigest()[:16]}.tar.zst"


def passwords() -> dict:
    """The passwords that lie with the snapshots."""
    found = {}
    for domain in domains.ALL:
        own = json.loads(archive(domain).with_suffix(".json").read_text())
        found |= {f"{domain.prefix}{name}": password for name, password in own.items()}
    return found


def restore(domain: Domain) -> None:
    """Put the directory's files back to the snapshot's. The domain controller must not be running."""
    shutil.rmtree(domain.home, ignore_errors=True)
    domain.home.mkdir(parents=True)
    _run("tar", "--zstd", "-xf", archive(domain), "-C", domain.home)


def make(domain: Domain) -> None:
    """Provision a domain in the lab's scratch space and pack it."""
    shutil.rmtree(domain.home, ignore_errors=True)
    chosen = {f"{account}_password": secrets.token_urlsafe(18) + "aA1!" for account in ACCOUNTS[domain.kind]}
    _provision(domain)
    _fill(domain, chosen)
    certificates.issue(domain, domain.home / "private" / "tls")
    _pack(domain, chosen)


def _provision(domain: Domain) -> None:
    """samba-tool chooses a random password for Administrator, which then nobody knows."""
    draft = paths.SCRATCH / f"provision-{domain.folder}.conf"
    server.write_configuration(domain, draft)
    domain.scratch.mkdir(exist_ok=True)
    _run("samba-tool", "domain", "provision", f"--configfile={draft}", f"--targetdir={domain.home}",
         f"--realm={domain.realm}", f"--domain={domain.netbios}", "--server-role=dc",
         "--dns-backend=SAMBA_INTERNAL", "--host-name=dc1", f"--host-ip={domain.address}")
    server.write_configuration(domain, server.configuration(domain))


def _fill(domain: Domain, chosen: dict) -> None:
    wanted = {
        "configuration": str(server.configuration(domain)), "database": str(domain.home / "private" / "sam.ldb"),
        "base_dn": domain.base_dn, "netbios": domain.netbios, "domain": domain.name, "kind": domain.kind,
        "dc_host": domain.dc_host, "admin": domain.admin_user, "operator": settings.OPERATOR_USER,
        "lockout_threshold": settings.LOCKOUT_THRESHOLD, "lockout_seconds": settings.LOCKOUT_SECONDS,
        "people": PEOPLE, "groups": GROUPS, "service_accounts": SERVICE_ACCOUNTS,
        "join_user": settings.JOIN_USER, "leave_user": settings.LEAVE_USER, "contain_user": settings.CONTAIN_USER,
        "lookup_user": settings.LOOKUP_USER, "users": domain.users, "administrator": settings.TRUSTED_ADMINISTRATOR, **chosen,
    }
    _run(SYSTEM_PYTHON, Path(__file__).with_name("content.py"), stdin=json.dumps(wanted))


def _pack(domain: Domain, chosen: dict) -> None:
    for stale in paths.CACHE.glob(f"{domain.folder}-*"):
        stale.unlink()
    draft = paths.CACHE / f"draft-{domain.folder}.tar.zst"
    _run("tar", "--zstd", "-cf", draft, "-C", domain.home, ".")
    draft.chmod(0o600)
    state.write_private(archive(domain).with_suffix(".json"), json.dumps(chosen))
    draft.rename(archive(domain))


def _run(*command: str | Path, stdin: str = "") -> None:
    result = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        (paths.LOGS / "provision.log").write_text(result.stdout + result.stderr)
        raise LabError(f"`{command[0]}` failed while making the directory; see {paths.LOGS / 'provision.log'}")

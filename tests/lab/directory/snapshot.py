"""Provision the domain once; afterwards restore it from a snapshot, which takes a fraction of a second."""

import hashlib
import json
import secrets
import shutil
import subprocess
from pathlib import Path

from lab import paths, settings, state
from lab.directory import certificates, server
from lab.errors import LabError

# Debian's Python has Samba's bindings; the lab's virtual environment does not.
SYSTEM_PYTHON = "/usr/bin/python3"

PEOPLE = {"martha.rivera": ("Martha", "Rivera"), "mateo.jackson": ("Mateo", "Jackson")}
GROUPS = {"Engineering": ["martha.rivera", "mateo.jackson"]}


def archive() -> Path:
    """The snapshot that today's sources and Samba would make; another version of either is another snapshot."""
    sources = [*sorted(Path(__file__).parent.glob("*.py")), paths.PACKAGE / "settings.py"]
    mark = hashlib.sha256(server.samba_version().encode())
    for source in sources:
        mark.update(source.read_bytes())
    return paths.CACHE / f"directory-{mark.hexdigest()[:16]}.tar.zst"


def passwords() -> dict:
    """The passwords that lie with the snapshot."""
    return json.loads(archive().with_suffix(".json").read_text())


def restore() -> None:
    """Put the directory's files back to the snapshot's. The domain controller must not be running."""
    shutil.rmtree(server.HOME, ignore_errors=True)
    server.HOME.mkdir(parents=True)
    _run("tar", "--zstd", "-xf", archive(), "-C", server.HOME)


def make() -> None:
    """Provision a domain in the lab's scratch space and pack it."""
    shutil.rmtree(server.HOME, ignore_errors=True)
    chosen = {name: secrets.token_urlsafe(18) + "aA1!" for name in ("admin_password", "operator_password")}
    _provision()
    _fill(chosen)
    certificates.issue(server.HOME / "private" / "tls")
    _pack(chosen)


def _provision() -> None:
    """samba-tool chooses a random password for Administrator, which then nobody knows."""
    draft = paths.SCRATCH / "provision.conf"
    server.write_configuration(draft)
    (paths.SCRATCH / "samba").mkdir(exist_ok=True)
    _run("samba-tool", "domain", "provision", f"--configfile={draft}", f"--targetdir={server.HOME}",
         f"--realm={settings.REALM}", f"--domain={settings.NETBIOS}", "--server-role=dc",
         "--dns-backend=SAMBA_INTERNAL", "--host-name=dc1", f"--host-ip={settings.DC_ADDRESS}")
    server.write_configuration(server.CONFIGURATION)


def _fill(chosen: dict) -> None:
    wanted = {
        "configuration": str(server.CONFIGURATION), "database": str(server.DATABASE),
        "base_dn": settings.BASE_DN, "netbios": settings.NETBIOS, "domain": settings.DOMAIN,
        "dc_host": settings.DC_HOST, "admin": settings.ADMIN_USER, "operator": settings.OPERATOR_USER,
        "people": PEOPLE, "groups": GROUPS, **chosen,
    }
    _run(SYSTEM_PYTHON, Path(__file__).with_name("content.py"), stdin=json.dumps(wanted))


def _pack(chosen: dict) -> None:
    for stale in paths.CACHE.glob("directory-*"):
        stale.unlink()
    draft = paths.CACHE / "draft.tar.zst"
    _run("tar", "--zstd", "-cf", draft, "-C", server.HOME, ".")
    draft.chmod(0o600)
    state.write_private(archive().with_suffix(".json"), json.dumps(chosen))
    draft.rename(archive())


def _run(*command: str | Path, stdin: str = "") -> None:
    result = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        (paths.LOGS / "provision.log").write_text(result.stdout + result.stderr)
        raise LabError(f"`{command[0]}` failed while making the directory; see {paths.LOGS / 'provision.log'}")

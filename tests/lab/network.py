"""The lab's network and the few files of /etc that differ inside it."""

import os
import subprocess
from pathlib import Path

from lab import paths
from lab.settings import BRIDGE, DC_ADDRESS, DC_HOST, DOMAIN, NETWORK, REALM

# Instances find the lab's network by this name (`ip -n lab`).
NAMED = Path("/run/netns/lab")

# Where `exec` keeps Kerberos tickets: the host's /tmp is in sight there, and not for the lab to fill.
TICKETS = paths.SCRATCH / "tickets"


def krb5_conf(tickets: str | os.PathLike) -> str:
    """A krb5.conf for the lab's realm, with the tickets' folder."""
    return f"""\
[libdefaults]
 default_realm = {REALM}
 dns_lookup_realm = false
 dns_lookup_kdc = false
 rdns = false
 dns_canonicalize_hostname = false
 default_ccache_name = FILE:{tickets}/krb5cc_%{{uid}}
[realms]
 {REALM} = {{
  kdc = {DC_HOST}
  admin_server = {DC_HOST}
  kpasswd_server = {DC_HOST}
 }}
[domain_realm]
 .{DOMAIN} = {REALM}
 {DOMAIN} = {REALM}
"""


FILES = {
    "resolv.conf": f"nameserver {DC_ADDRESS}\nsearch {DOMAIN}\noptions timeout:1 attempts:1\n",
    "hosts": f"127.0.0.1 localhost\n{DC_ADDRESS} {DC_HOST} dc1\n",
    "krb5.conf": krb5_conf(TICKETS),
}


def prepare() -> None:
    """Called once in the new namespaces: a private /run, an /etc of our own above the host's, a bridge."""
    _run("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/run")
    layers = [paths.SCRATCH / "etc" / name for name in ("upper", "work")]
    for folder in (*layers, NAMED.parent, TICKETS):
        folder.mkdir(parents=True)
    TICKETS.chmod(0o1777)
    _run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir=/etc,upperdir={layers[0]},workdir={layers[1]}", "/etc")
    for name, text in FILES.items():
        file = Path("/etc", name)
        file.unlink(missing_ok=True)
        file.write_text(text)
    NAMED.touch()
    _run("mount", "--bind", "/proc/self/ns/net", NAMED)
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "link", "add", BRIDGE, "type", "bridge")
    _run("ip", "address", "add", f"{DC_ADDRESS}/{NETWORK.partition('/')[2]}", "dev", BRIDGE)
    _run("ip", "link", "set", BRIDGE, "up")


def _run(*command: str | os.PathLike) -> None:
    subprocess.run(command, check=True)

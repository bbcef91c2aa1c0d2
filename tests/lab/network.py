"""The lab's network and the few files of /etc that differ inside it."""

import os
import subprocess
from pathlib import Path

from lab import domains, paths
from lab.settings import BRIDGE, DC_ADDRESS, DOMAIN, NETWORK, REALM

# Instances find the lab's network by this name (`ip -n lab`).
NAMED = Path("/run/netns/lab")

# Where `exec` keeps Kerberos tickets: the host's /tmp is in sight there, and not for the lab to fill.
TICKETS = paths.SCRATCH / "tickets"


_REALM = """\
 {domain.realm} = {{
  kdc = {domain.dc_host}
  admin_server = {domain.dc_host}
  kpasswd_server = {domain.dc_host}
 }}
"""


def krb5_conf(tickets: str | os.PathLike) -> str:
    """A krb5.conf for the lab's realms, with the tickets' folder."""
    realms = "".join(_REALM.format(domain=domain) for domain in domains.ALL)
    names = "".join(f" .{domain.name} = {domain.realm}\n {domain.name} = {domain.realm}\n" for domain in domains.ALL)
    return f"""\
[libdefaults]
 default_realm = {REALM}
 dns_lookup_realm = false
 dns_lookup_kdc = false
 rdns = false
 dns_canonicalize_hostname = false
 default_ccache_name = FILE:{tickets}/krb5cc_%{{uid}}
[realms]
{realms}[domain_realm]
{names}"""


FILES = {
    "resolv.conf": f"nameserver {DC_ADDRESS}\nsearch {DOMAIN}\noptions timeout:1 attempts:1\n",
    "hosts": "127.0.0.1 localhost\n" + "".join(f"{domain.address} {domain.dc_host}\n" for domain in domains.ALL),
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
    for domain in domains.ALL:
        for address in (domain.address, *domain.dns_addresses):
            _run("ip", "address", "add", f"{address}/{NETWORK.partition('/')[2]}", "dev", BRIDGE)
    _run("ip", "link", "set", BRIDGE, "up")


def _run(*command: str | os.PathLike) -> None:
    subprocess.run(command, check=True)

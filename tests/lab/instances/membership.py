"""Make an instance a member of the domain, as `realm join` does: adcli for the computer account, sssd for the log-ins."""

import hashlib
import time
from pathlib import Path

from lab import paths, settings, state
from lab.domains import TRUSTED
from lab.errors import LabError
from lab.instances.command import command
from lab.network import krb5_conf

READY_SECONDS = 15

# On a machine that runs everything at once, a slow answer is no outage: sssd waits longer before it goes offline, and comes
# back at once instead of after a minute or more (sssd.conf(5), sssd-ldap(5)).
_PATIENT = """\
offline_timeout = 1
offline_timeout_max = 2
offline_timeout_random_offset = 0
ldap_network_timeout = 30
ldap_opt_timeout = 30
ldap_search_timeout = 30
"""

TRUSTED_CA = "/etc/sssd/trusted-ca.pem"

# As realmd writes it, except for what the lab's domain controller does not serve: group policy files and dynamic DNS. By hand for
# the trusted forest, whose users have full names only: nobody is taken for his namesake.
SSSD_CONF = f"""\
[sssd]
domains = {settings.DOMAIN}, {TRUSTED.name}
services = nss, pam
config_file_version = 2

[nss]
entry_negative_timeout = 1

[domain/{settings.DOMAIN}]
id_provider = ad
access_provider = ad
ad_domain = {settings.DOMAIN}
ad_server = {settings.DC_HOST}
krb5_realm = {settings.REALM}
ldap_id_mapping = True
ldap_sasl_authid = {{account}}$
use_fully_qualified_names = False
fallback_homedir = /home/%u
default_shell = /bin/bash
cache_credentials = True
ad_gpo_access_control = disabled
dyndns_update = False
{_PATIENT}
[domain/{TRUSTED.name}]
id_provider = ldap
access_provider = ldap
ldap_access_order = expire
ldap_account_expire_policy = ad
ldap_schema = ad
ldap_id_mapping = True
ldap_referrals = False
ldap_uri = ldaps://{TRUSTED.address}
ldap_tls_cacert = {TRUSTED_CA}
ldap_search_base = {TRUSTED.base_dn}
ldap_default_bind_dn = {settings.LOOKUP_USER}@{TRUSTED.name}
ldap_default_authtok = {{lookup}}
use_fully_qualified_names = True
fallback_homedir = /home/%f
default_shell = /bin/bash
cache_credentials = False
{_PATIENT}"""


def join(record: dict) -> None:
    """Join as the lab's operator, whose password nothing rotates, start sssd, wait until it knows the domain's users.

    The service names come from the computer's name: an address, and so a host name, returns after a termination, and
    the directory refuses a service name that another computer object already has."""
    name = computer_name(record["id"])
    _write(record, "/etc/krb5.conf", krb5_conf("/tmp"), mode="644")
    _must(record, "the domain join", [
        "adcli", "join", f"--domain={settings.DOMAIN}", f"--domain-controller={settings.DC_HOST}",
        f"--domain-ou={settings.COMPUTERS_OU}", f"--computer-name={name}",
        f"--host-fqdn={name.lower()}.{settings.DOMAIN}", f"--login-user={settings.OPERATOR_USER}", "--stdin-password",
    ], state.load()["operator_password"])
    _write(record, TRUSTED_CA, (TRUSTED.home / "private" / "tls" / "ca.pem").read_text(), mode="644")
    configuration = SSSD_CONF.format(account=name, lookup=TRUSTED.password(state.load(), "lookup"))
    _write(record, "/etc/sssd/sssd.conf", configuration, mode="600")
    _must(record, "sssd", ["sssd", "-D"])
    deadline = time.monotonic() + READY_SECONDS
    while command(record["id"], ["getent", "-s", "sss", "passwd", settings.ADMIN_USER])[0] != 0:
        if time.monotonic() > deadline:
            raise LabError(f"sssd on {record['id']} does not know the domain's users; see its /var/log/sssd")
        time.sleep(0.05)


def computer_name(instance_id: str) -> str:
    """A NetBIOS name has 15 characters at most: a hash of the instance id keeps two instances apart."""
    return "EC2-" + hashlib.sha256(instance_id.encode()).hexdigest()[:11].upper()


def _write(record: dict, path: str, text: str, mode: str) -> None:
    _must(record, path, ["install", "-D", "-m", mode, "/dev/stdin", path], text)


def _must(record: dict, what: str, argv: list[str], stdin: str = "") -> None:
    code, stdout, stderr = command(record["id"], argv, stdin.encode())
    if code != 0:
        log = Path(paths.LOGS / f"{record['id']}.log")
        with log.open("ab") as file:
            file.write(stdout + stderr)
        raise LabError(f"{what} failed on {record['id']} (exit code {code}); see {log}")

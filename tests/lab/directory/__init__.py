"""The Active Directories of the lab: Samba domain controllers, two of them laid out as AWS lays out its own."""

import ssl

import ldap3

from lab import paths, settings as names, state
from lab.domains import MANAGED, Domain


def settings(domain: Domain = MANAGED) -> dict:
    """What others need to know to talk about the directory; no secrets."""
    return {
        "directory_id": domain.directory_id,
        "domain": domain.name,
        "realm": domain.realm,
        "netbios": domain.netbios,
        "kdc": f"{domain.address}:88",
        "ldaps_url": f"ldaps://{domain.dc_host}:636",
        "ca_file": str(paths.CA_FILE),
        "users_ou": domain.users,
        "operator_user": names.OPERATOR_USER,
        "admin_user": domain.admin_user,
    }


def connection(domain: Domain = MANAGED) -> ldap3.Connection:
    """A new connection as the lab's operator, over LDAPS with the certificate verified. Works inside the lab only."""
    tls = ldap3.Tls(ca_certs_file=str(paths.CA_FILE), validate=ssl.CERT_REQUIRED)
    server = ldap3.Server(domain.dc_host, port=636, use_ssl=True, tls=tls, get_info=ldap3.NONE, connect_timeout=5)
    return ldap3.Connection(
        server,
        user=f"{names.OPERATOR_USER}@{domain.name}",
        password=domain.password(state.load(), "operator"),
        auto_bind=True,
        receive_timeout=15,
    )

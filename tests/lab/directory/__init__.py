"""The Active Directory of the lab: a Samba domain controller, laid out as AWS Managed Microsoft AD lays out its own."""

import ssl

import ldap3

from lab import paths, settings as names, state


def settings() -> dict:
    """What others need to know to talk about the directory; no secrets."""
    return {
        "directory_id": names.DIRECTORY_ID,
        "domain": names.DOMAIN,
        "realm": names.REALM,
        "netbios": names.NETBIOS,
        "base_dn": names.BASE_DN,
        "customer_ou": names.CUSTOMER_OU,
        "users_ou": names.USERS_OU,
        "computers_ou": names.COMPUTERS_OU,
        "dc_host": names.DC_HOST,
        "dc_address": names.DC_ADDRESS,
        "kdc": f"{names.DC_ADDRESS}:88",
        "ldaps_url": f"ldaps://{names.DC_HOST}:636",
        "ca_file": str(paths.CA_FILE),
        "operator_user": names.OPERATOR_USER,
        "admin_user": names.ADMIN_USER,
    }


def connection() -> ldap3.Connection:
    """A new connection as the lab's operator, over LDAPS with the certificate verified. Works inside the lab only."""
    tls = ldap3.Tls(ca_certs_file=str(paths.CA_FILE), validate=ssl.CERT_REQUIRED)
    server = ldap3.Server(names.DC_HOST, port=636, use_ssl=True, tls=tls, get_info=ldap3.NONE, connect_timeout=5)
    return ldap3.Connection(
        server,
        user=f"{names.OPERATOR_USER}@{names.DOMAIN}",
        password=state.load()["operator_password"],
        auto_bind=True,
        receive_timeout=15,
    )

"""The variables by which people, tests and tools reach the running lab."""

import os

from lab import directory, domains, paths, settings, state

# Would lead the AWS tools away from the lab.
FOREIGN = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_ENDPOINT_URL_STS")


def variables() -> dict[str, str]:
    """Live values; they hold the operator's password."""
    running, known = state.load(), directory.settings()
    return {
        "AWS_ENDPOINT_URL": running["endpoint"],
        "AWS_ACCESS_KEY_ID": running["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": running["secret_access_key"],
        "AWS_REGION": running["region"],
        "AWS_DEFAULT_REGION": running["region"],
        "AWS_ACCOUNT_ID": running["account_id"],
        "DIRECTORY_ID": running["directory_id"],
        "DIRECTORY_LOG_GROUP": f"/aws/directoryservice/{running['directory_id']}",
        "STACK_NAME": running["stack_name"],
        "AD_DOMAIN": known["domain"],
        "AD_REALM": known["realm"],
        "AD_NETBIOS": known["netbios"],
        "AD_KDC": known["kdc"],
        "AD_LDAPS_URL": known["ldaps_url"],
        "AD_CA_FILE": known["ca_file"],
        "AD_USERS_OU": known["users_ou"],
        "AD_OPERATOR_USER": known["operator_user"],
        "AD_OPERATOR_PASSWORD": running["operator_password"],
        **_administrator("AD", domains.MANAGED, running),
        **_simple(running),
        **_trusted(running),
        **_onboarding(),
        **_joining(),
    }


def _administrator(prefix: str, domain: domains.Domain, running: dict) -> dict[str, str]:
    """The customer's own administrator, with the password that a fresh lab has."""
    return {f"{prefix}_ADMIN_USER": domain.admin_user, f"{prefix}_ADMIN_PASSWORD": domain.password(running, "admin")}


def _simple(running: dict) -> dict[str, str]:
    """The Simple AD's variables, named as the other's."""
    simple = directory.settings(domains.SIMPLE)
    named = ("domain", "realm", "netbios", "kdc", "ldaps_url")
    return {
        "SIMPLE_DIRECTORY_ID": simple["directory_id"],
        **{f"SIMPLE_AD_{name.upper()}": simple[name] for name in named},
        "SIMPLE_AD_OPERATOR_PASSWORD": domains.SIMPLE.password(running, "operator"),
        **_administrator("SIMPLE_AD", domains.SIMPLE, running),
    }


def _trusted(running: dict) -> dict[str, str]:
    """The trusted forest's variables, named as the others'."""
    trusted = directory.settings(domains.TRUSTED)
    named = ("domain", "realm", "netbios", "kdc", "ldaps_url", "ca_file", "users_ou", "operator_user")
    return {
        **{f"TRUSTED_AD_{name.upper()}": trusted[name] for name in named},
        "TRUSTED_AD_OPERATOR_PASSWORD": domains.TRUSTED.password(running, "operator"),
        **_administrator("TRUSTED_AD", domains.TRUSTED, running),
        "TRUSTED_FOREST_SECRET_ARN": settings.TRUSTED_FOREST_SECRET_ARN,
    }


def _onboarding() -> dict[str, str]:
    """What Amazon WorkSpaces and Amazon Connect have."""
    names = ("WORKSPACES_BUNDLE_ID", "CONNECT_INSTANCE_ID", "CONNECT_ROUTING_PROFILE_ID", "CONNECT_SECURITY_PROFILE_ID")
    return {name: getattr(settings, name) for name in names}


def _joining() -> dict[str, str]:
    """What the joining of instances uses, and another account of the organization."""
    names = ("JOIN_USER", "JOIN_USER_PARAMETER", "COMPUTER_SECRET_ARN", "LDAPS_CA_PARAMETER", "MEMBER_ACCOUNT_ID",
             "MEMBER_REGION", "ORGANIZATION_ID")  # fmt: skip
    return {"JOIN_OU": settings.COMPUTERS_OU, **{name: getattr(settings, name) for name in names}}


def exports() -> str:
    return "".join(f"export {name}='{_quoted(value)}'\n" for name, value in variables().items())


def for_commands() -> dict[str, str]:
    """The environment of `exec`: the caller's, the lab's variables, and the lab's tools on the path."""
    inherited = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    path = f"{paths.BIN}:{inherited.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
    return {**inherited, **variables(), "PATH": path, "LDAPTLS_CACERT": str(paths.CA_FILE), "KRB5_CONFIG": "/etc/krb5.conf"}


def _quoted(value: str) -> str:
    return value.replace("'", "'\\''")

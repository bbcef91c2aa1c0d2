"""What the product is told of the trusted forest: a secret for its domain, with the account that may disable its users (the
account's rights are in `directory/delegation.py`)."""

import json

from ministack.core.responses import request_scope
from ministack.services import secretsmanager

from lab import settings, state
from lab.aws.services import secret_values
from lab.domains import TRUSTED


def provide():
    """With the password that the domain has in its snapshot."""
    value = {
        "domain": TRUSTED.name,
        "netbios": TRUSTED.netbios,
        "controllers": list(TRUSTED.dns_addresses),
        "username": settings.CONTAIN_USER,
        "password": TRUSTED.password(state.load(), "contain"),
        "ca": (TRUSTED.home / "private" / "tls" / "ca.pem").read_text(),
    }
    with request_scope(settings.ACCOUNT_ID, settings.REGION):
        description = f"Disables users of {TRUSTED.name}"
        secret_values.make(settings.TRUSTED_FOREST_SECRET, (json.dumps(value), None), Description=description)
        # Known before the lab is up, so that a deployment can be given it.
        secretsmanager._secrets[settings.TRUSTED_FOREST_SECRET]["ARN"] = settings.TRUSTED_FOREST_SECRET_ARN

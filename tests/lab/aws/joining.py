"""What the joining of instances asks for beforehand: the accounts that may make and remove computer objects (their rights
are in `directory/delegation.py`) and the authority of the domain controllers' certificate.

The secret has the shape of seamless domain join (Directory Service Administration Guide, "Seamlessly join an Amazon EC2 Linux
instance to your AWS Managed Microsoft AD").
"""

import json

from ministack.core.responses import request_scope
from ministack.services import secretsmanager, ssm

from lab import settings, state
from lab.aws.services import secret_values
from lab.domains import MANAGED


def provide():
    """With the passwords that the directory has in its snapshot."""
    running = state.load()
    authority = (MANAGED.home / "private" / "tls" / "ca.pem").read_text()
    with request_scope(settings.ACCOUNT_ID, settings.REGION):
        _put(settings.LDAPS_CA_PARAMETER, "String", authority)
        _put(settings.JOIN_USER_PARAMETER, "SecureString", MANAGED.password(running, "join"))
        _make_secret(MANAGED.password(running, "leave"))


def _put(name, kind, value):
    status, _headers, body = ssm._put_parameter({"Name": name, "Type": kind, "Value": value})
    if status != 200:
        raise RuntimeError(f"{name}: {body}")


def _make_secret(password):
    value = {
        "awsSeamlessDomainDirectoryId": MANAGED.directory_id,
        "awsSeamlessDomainUsername": settings.LEAVE_USER,
        "awsSeamlessDomainPassword": password,
    }
    description = "Removes the computer objects of instances that are gone"
    secret_values.make(settings.COMPUTER_SECRET, (json.dumps(value), None), Description=description)
    # Known before the lab is up, so that a deployment can be given it.
    secretsmanager._secrets[settings.COMPUTER_SECRET]["ARN"] = settings.COMPUTER_SECRET_ARN

"""What roles were allowed and denied, one JSON line per different request: the least privilege that was seen at work.

The file outlives the lab and its resets, so that it covers all deployments of a run of the tests: whoever wants a fresh
one deletes it. It lies beside the run folder, which `up` makes anew.
"""

import json
import threading

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id

from lab import paths
from lab.aws import caller, leading_keys, organization

_lock = threading.Lock()
_written = set()


def install():
    """Look over IAM's shoulder: every request of a role that ministack evaluates."""
    enforce = iam_evaluator.enforce

    def recording(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        answer = enforce(access_key_id, iam_action, service, region, resource_arn, service_context)
        if not isinstance(answer, iam_evaluator.AuthError):
            who = caller.of_key(access_key_id, get_account_id())
            context = _of_roles(iam_action, resource_arn) | (service_context or {})
            record(who.arn, iam_action, resource_arn, context, answer is None)
        return answer

    iam_evaluator.enforce = recording


def _of_roles(action, resource):
    """A role may be let into roles of its organization only, which the request itself does not say."""
    account = iam_evaluator._account_from_arn(resource) if action == "sts:AssumeRole" else None
    return {"aws:ResourceOrgID": organization.of_account(account)} if account else {}


def record(principal, action, resource, context, allowed):
    """One request of a role's session."""
    if ":assumed-role/" not in principal:
        return
    line = json.dumps(
        {
            "role": principal.split("/")[1],
            "action": action,
            "resource": resource,
            "context": {key: value for key, value in leading_keys.recorded(context or {}).items() if value is not None},
            "allowed": allowed,
        },
        sort_keys=True,
        default=str,
    )
    with _lock:
        if line not in _written:
            _written.add(line)
            with open(paths.USAGE, "a") as file:
                file.write(line + "\n")

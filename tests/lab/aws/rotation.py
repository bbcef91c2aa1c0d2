"""Rotations under way: Secrets Manager invokes the rotation function with the four steps, and again when one fails.

Sources: Secrets Manager User Guide, "Rotation by Lambda function" (the event and its members), "Lambda rotation functions"
(the steps); API Reference, RotateSecret (which labels tell success and a rotation under way), DescribeSecret ("If rotation
fails, Secrets Manager retries the entire rotation process multiple times"); the error "A previous rotation isn't complete.
That rotation will be reattempted."; AWS's rotation templates, whose createSecret takes over the value that an earlier
attempt has stored under the same ClientRequestToken. How often and when it is retried is not documented (minutes were
seen): here `ATTEMPTS` times, shortly after each other. Events: "Log entries for rotation" (`AwsServiceEvent`).
"""

import contextvars
import dataclasses
import logging
import threading
import time
import uuid

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import lambda_svc, secretsmanager

from lab.aws import cloudtrail, functions, ledger
from lab.aws import secret_versions as versions

PRINCIPAL = "secretsmanager.amazonaws.com"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
ATTEMPTS = 3
RETRY_SECONDS = 0.5

log = logging.getLogger("lab.aws")
_runs = []


@dataclasses.dataclass
class Run:
    """One rotation, or with `test` only the test of one. `steps` are the invocations so far; `outcome` is Succeeded, Failed,
    Cancelled or Abandoned at the end."""

    secret: str
    version: str
    function: str
    account: str
    region: str
    test: bool = False
    started: str = dataclasses.field(default_factory=ledger.now)
    id: str = dataclasses.field(default_factory=lambda: uuid.uuid4().hex[:12])
    steps: list = dataclasses.field(default_factory=list)
    outcome: str = "InProgress"
    token: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))
    ended: threading.Event = dataclasses.field(default_factory=threading.Event)

    def end(self, outcome):
        if not self.ended.is_set():
            self.outcome = outcome
            self.ended.set()

    def describe(self):
        """Everything but the RotationToken, which is sensitive."""
        hidden = ("token", "ended", "account", "region")
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self) if field.name not in hidden}


def start(secret, version, test=False):
    """Rotate to a version that has AWSPENDING; returns at once."""
    run = Run(secret["ARN"], version, secret["RotationLambdaARN"], get_account_id(), get_region(), test)
    _runs.append(run)
    work = _test if test else _rotate
    context = contextvars.Context()
    threading.Thread(target=context.run, args=(_in_scope, work, run), daemon=True).start()
    return run


def active(secret):
    """The rotation of the secret that is under way, or None."""
    return next((run for run in _runs if run.secret == secret["ARN"] and not run.ended.is_set()), None)


def cancel(secret):
    """No further step is taken; one that runs is not interrupted."""
    if run := active(secret):
        run.end("Cancelled")


def is_valid(secret, rotation_token):
    run = active(secret)
    return run is not None and run.token == rotation_token


def tell_of_abandonment(secret):
    """After a value was made current by hand while another version had AWSPENDING."""
    if secret.pop("Abandoned", False):
        if run := active(secret):
            run.end("Abandoned")
        _publish("RotationAbandoned", secret["ARN"], get_account_id(), get_region())


def all_runs():
    return [run.describe() for run in _runs]


def wait(seconds):
    """Until no rotation is under way; False when one still is."""
    return all(run.ended.wait(seconds) for run in list(_runs))


def forget():
    for run in _runs:
        run.end("Cancelled")
    _runs.clear()


def _in_scope(work, run):
    with request_scope(run.account, run.region):
        try:
            work(run)
        except Exception:
            log.exception("the rotation of %s broke", run.secret)
            run.end("Failed")


def _rotate(run):
    for attempt in range(1, ATTEMPTS + 1):
        _publish("RotationStarted", run.secret, run.account, run.region)
        failed = _attempt(run, attempt)
        if run.ended.is_set():
            return
        if not failed:
            _record_success(run)
            return
        _publish("RotationFailed", run.secret, run.account, run.region)
        if not _is_under_way(run) or attempt == ATTEMPTS or run.ended.wait(RETRY_SECONDS):
            break
    run.end("Failed")


def _test(run):
    """RotateImmediately=false: the testSecret step alone, with a version that is removed afterwards."""
    _publish("TestRotationStarted", run.secret, run.account, run.region)
    failed = _step(run, 1, "testSecret")
    with versions._lock:
        _secret(run)["Versions"].pop(run.version, None)
    _publish("TestRotationFailed" if failed else "TestRotationSucceeded", run.secret, run.account, run.region)
    run.end("Failed" if failed else "Succeeded")


def _attempt(run, attempt):
    """All steps from the first on, until one fails; what failed, or None."""
    for step in STEPS:
        if run.ended.is_set():
            return "ended"
        if failed := _step(run, attempt, step):
            return failed
    return None if _has_ended_well(run) else "AWSPENDING was left on a version that is not AWSCURRENT"


def _step(run, attempt, step):
    taken = {"attempt": attempt, "step": step, "error": None}
    run.steps.append(taken)
    event = {"Step": step, "SecretId": run.secret, "ClientRequestToken": run.version, "RotationToken": run.token}
    taken["error"] = refusal(run.function, run.secret) or _invoke(run.function, event)
    return taken["error"]


def refusal(function, secret_arn):
    """Why Secrets Manager may not invoke the function: it is gone, or its policy does not say so."""
    if not lambda_svc._get_func_record_for_ref(function)[1]:
        return "The Lambda function does not exist or could not be accessed."
    if not functions.policy_allows(function, PRINCIPAL, secret_arn):
        return (
            "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access "
            f"to the principal {PRINCIPAL}."
        )
    return None


def _invoke(function, event):
    """Run the function and wait for it; what it failed with, or None."""
    record, config, _name = lambda_svc._get_func_record_for_ref(function)
    result = lambda_svc._execute_function_with_config_scope(lambda_svc._execution_record_for_config(record, config), event)
    if not (result.get("error") or result.get("throttle")):
        return None
    body = result.get("body")
    return f"{body.get('errorType')}: {body.get('errorMessage')}" if isinstance(body, dict) else str(body)


@versions.alone
def _has_ended_well(run):
    """AWSPENDING is on the same version as AWSCURRENT, or on none (API Reference, RotateSecret)."""
    secret = _secret(run)
    return versions.holder(secret, versions.PENDING) in (None, versions.holder(secret, versions.CURRENT))


@versions.alone
def _is_under_way(run):
    """A version without AWSPENDING is none to rotate to, unless it has become current."""
    stages = _secret(run)["Versions"].get(run.version, {}).get("Stages", [])
    return versions.PENDING in stages or versions.CURRENT in stages


@versions.alone
def _record_success(run):
    secret = _secret(run)
    secret["LastRotatedDate"] = secret["ValueDate"] = time.time()
    _publish("RotationSucceeded", run.secret, run.account, run.region)
    run.end("Succeeded")


def _secret(run):
    """A secret that is gone has no versions."""
    return secretsmanager._resolve(run.secret)[1] or {"Versions": {}}


def _publish(name, arn, account, region):
    cloudtrail.record_service_event("secretsmanager", name, {"SecretId": arn}, account, region)

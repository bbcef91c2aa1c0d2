"""Back to how everything was right after the deployment, without deploying again.

ministack's services can hand out and take back their whole state (its persistence); the lab keeps one copy in memory.
"""

import copy

from ministack import app

from lab import settings
from lab.aws import access, asynchronous, cloudtrail, faults, joining, ledger, log_delivery, marks, organization
from lab.aws import quotas, rotation, staleness, stepfunctions, trusted_forest
from lab.aws.security_log import forwarding, subscriptions
from lab.aws.services import ds, ec2

# A deployment may have started rotations: half of one is nothing to go back to.
ROTATIONS_SECONDS = 30

_snapshot = {}


def take_snapshot():
    """Remember the state that `to_snapshot` goes back to."""
    rotation.wait(ROTATIONS_SECONDS)
    states = {key: get_state() for key, get_state in app._build_persistence_save_dict().items()}
    own = {name: service.state for name, service in access.SERVICES.items()}
    _snapshot.update(copy.deepcopy({"ministack": states, "own": own}))


def to_snapshot():
    """Forget calls, mails, executions, items, messages, logs, commands, findings, faults, marks; keep what is deployed."""
    faults.clear()
    marks.forget()
    quotas.enforce(False)
    staleness.forget()
    stepfunctions.set_quick_retries(False)
    asynchronous.forget()
    log_delivery.reset()
    app._reset_all_state()
    kept = copy.deepcopy(_snapshot)
    for key, saved in kept.get("ministack", {}).items():
        if saved:
            app._get_module(app._state_map[key]).load_persisted_state(saved)
    for name, service in access.SERVICES.items():
        service.reset()
        service.state.clear()
        service.state.update(kept.get("own", {}).get(name, {}))
    if not kept:
        cloudtrail.make_trail(settings.ACCOUNT_ID, settings.REGION)
        subscriptions.subscribe_as_documented()
        organization.provide()
        joining.provide()
        trusted_forest.provide()
    ds.repeat_resets()
    forwarding.reset()
    ec2.show_all()
    ledger.clear()

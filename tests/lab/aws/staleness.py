"""Reads that answer as of before the last write: when a fault says so, or while consistency is eventual.

Sources: Directory Service Data API Reference (reads are eventually consistent between domain controllers), DynamoDB
Developer Guide, "Read consistency" (GetItem without ConsistentRead), Systems Manager API Reference (Parameter Store), Connect
Developer Guide, "Eventual consistency" (a user may not be found just after it was created, whatever is called). Of
Secrets Manager AWS says nothing, and rotation functions were seen to miss what the step before had stored (aws-sdk-js-v3
issue 7701).
"""

import contextlib
import contextvars
import threading
import time

from lab.aws import model

DOCUMENTED = (
    "ds-data's reads, ssm GetParameter, dynamodb GetItem without ConsistentRead, connect's reads of users; seen of "
    "secretsmanager's reads"
)
_READS = {
    "ssm": ("GetParameter",),
    "dynamodb": ("GetItem",),
    "connect": ("DescribeUser", "ListUsers", "SearchUsers"),
    "secretsmanager": ("GetSecretValue", "DescribeSecret", "ListSecretVersionIds"),
}

# How long after a write its former state is still answered while consistency is eventual.
LAG_SECONDS = 2.0

_stale = contextvars.ContextVar("stale", default=False)
_lock = threading.Lock()
_former = {}
_eventual = False


def may_be_stale(service, operation):
    if service == "ds-data":
        return operation.startswith(("Describe", "List", "Search"))
    return operation in _READS.get(model.botocore_name(service), ())


def set_eventual(on):
    global _eventual
    _eventual = on


def forget():
    with _lock:
        _former.clear()
    set_eventual(False)


@contextlib.contextmanager
def before_the_last_write():
    """Within, what is read is as it was before its last write."""
    token = _stale.set(True)
    try:
        yield
    finally:
        _stale.reset(token)


def remember(subject, state):
    """To be called before each write: what is about to change, None when it does not exist."""
    with _lock:
        _former[subject] = (time.monotonic(), state)


def seen(subject, now):
    """What a read of the subject answers in this context: `now`, or what was before."""
    return _seen(subject, now)


def all_former(kind):
    """Former states that a read in this context answers, of the subjects (kind, ..)."""
    with _lock:
        subjects = [subject for subject in _former if subject[0] == kind]
    missing = object()
    found = {subject: _seen(subject, missing) for subject in subjects}
    return {subject: state for subject, state in found.items() if state is not missing}


def _seen(subject, now):
    with _lock:
        written, state = _former.get(subject, (0.0, now))
    if _stale.get() or (_eventual and time.monotonic() < written + LAG_SECONDS):
        return state
    return now

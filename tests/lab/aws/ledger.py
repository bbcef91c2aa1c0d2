"""What happened, as JSON lines in the run folder: every API call (calls.jsonl) and every e-mail (mail.jsonl)."""

import datetime
import json
import threading

from lab import paths
from lab.aws import marks, secrets

_lock = threading.Lock()
# The parameters of a command are no secret on AWS either: `ssm:ListCommands` shows them to every reader.
_SHOWN = {("ssm", "SendCommand"): ("Parameters",)}
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "Forbidden")


def record_call(request, principal, resource, error, fault=None, event=""):
    """One line per API call, made by anyone; `error` is the error code or None, `fault` what the call met, `event` the
    text of what the caller works on, which is only looked at for marks.
    """
    call = {
        "time": now(),
        "principal": principal,
        "service": request.service,
        "operation": request.operation,
        "resource": resource,
        "parameters": secrets.scrub(
            request.parameters, request.shape, keep=_SHOWN.get((request.service, request.operation), ())
        ),
        "allowed": error not in _DENIED,
        "error": error,
    }
    if fault:
        call["fault"] = fault.kind
    if marked := marks.found_in(event):
        call["marks"] = marked
    _append(paths.CALLS, call)


def record_mail(to, topic, subject, body):
    """One line per message and recipient, as it arrives in the mailbox."""
    _append(paths.MAIL, {"time": now(), "to": to, "topic": topic, "subject": subject, "body": body})


def clear():
    """Begin both files anew."""
    with _lock:
        for path in (paths.CALLS, paths.MAIL):
            path.write_text("")


def now():
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _append(path, record):
    line = json.dumps(record, default=str) + "\n"
    with _lock, open(path, "a") as file:
        file.write(line)

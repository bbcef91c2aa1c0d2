"""The lab's own HTTP API on the endpoint's port, for its commands: `/_lab/health|emit|instance-state|fault|mark|switch|..`.

It has no authentication; the endpoint listens on the loopback of the lab and of its host only.
"""

import asyncio
import json
import logging

from ministack import app

from lab import settings
from lab.aws import alarms, connect_instance, eventbridge, faults, log_delivery, marks, quotas, reset, rotation
from lab.aws import rotation_due, staleness, stepfunctions, workspaces_store
from lab.aws.services import ds_computers, ec2

log = logging.getLogger("lab.aws")


def install():
    """Answer `/_lab/*` before ministack sees it."""
    inner = app.app

    async def asgi(scope, receive, send):
        if scope["type"] == "http" and scope["path"].startswith("/_lab/"):
            await _serve(scope, receive, send)
        else:
            await inner(scope, receive, send)

    app.app = asgi


async def _serve(scope, receive, send):
    status, answer = 404, {"error": f"unknown: {scope['path']}"}
    if operation := _OPERATIONS.get(scope["path"]):
        try:
            status, answer = 200, await asyncio.to_thread(operation, json.loads(await _body(receive) or b"{}")) or {}
        except (KeyError, ValueError) as wrong:
            status, answer = 400, {"error": f"{type(wrong).__name__}: {wrong}"}
        except Exception as failed:
            log.exception("%s failed", scope["path"])
            status, answer = 500, {"error": f"{type(failed).__name__}: {failed}"}
    body = json.dumps(answer).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _body(receive):
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


def _health(_request):
    return {"status": "ok"}


def _emit(request):
    """An EventBridge event exactly as given, on the default bus of an account and Region."""
    from lab.aws.services import guardduty

    event = request["event"]
    if not isinstance(event, dict) or not isinstance(event.get("detail"), dict):
        raise ValueError("an event is a JSON object with `source`, `detail-type` and a `detail` object")
    account, region = request.get("account") or settings.ACCOUNT_ID, request.get("region") or settings.REGION
    guardduty.remember(event, account, region)
    eventbridge.publish(event, account, region)


def _instance_state(request):
    ec2.instance_changed(request["id"], request["state"])


def _fault(request):
    """Declare a fault, or forget all of them or those for a text; answers all that are declared."""
    if "declare" in request:
        faults.declare(faults.Fault(**request["declare"]))
    if "clear" in request:
        faults.clear(request["clear"])
    return {"faults": faults.declared()}


def _mark(request):
    """Mark the calls made for events that contain a text, or forget all such texts or one."""
    if "text" in request:
        marks.add(request["text"])
    if "clear" in request:
        marks.forget(request["clear"])


def _switch(request):
    """How quotas, the consistency of reads and the retries of states are from now on."""
    _SWITCHES[request["what"]](request["on"])


_SWITCHES = {
    "quota": quotas.enforce,
    "eventual": staleness.set_eventual,
    "quick-retries": stepfunctions.set_quick_retries,
}
_OPERATIONS = {
    "/_lab/health": _health,
    "/_lab/emit": _emit,
    "/_lab/instance-state": _instance_state,
    "/_lab/fault": _fault,
    "/_lab/mark": _mark,
    "/_lab/switch": _switch,
    "/_lab/workspaces": lambda request: workspaces_store.tune(**request),
    "/_lab/connect": lambda request: connect_instance.tune(**request),
    "/_lab/delivery": lambda request: log_delivery.change(**request),
    "/_lab/rotate-due": lambda request: {"started": rotation_due.start(**request)},
    "/_lab/age-secret": lambda request: rotation_due.age(**request),
    "/_lab/rotations": lambda _request: {"rotations": rotation.all_runs()},
    "/_lab/computer-passwords": lambda _request: {"passwords": ds_computers.PASSWORDS},
    "/_lab/alarms": lambda _request: {"alarms": alarms.evaluate()},
    "/_lab/snapshot": lambda _request: reset.take_snapshot(),
    "/_lab/reset": lambda _request: reset.to_snapshot(),
}

"""Faults that a call is told to meet (`scripts/lab fault`): gateway and state machines ask here at every call."""

import asyncio
import dataclasses
import threading

from lab.aws import fault_answers, ldap_messages, model, staleness

KINDS = ("error-before", "lost-answer", "throttle", "delay", "late-effect", "stale-read", "kill-after")
# Of a connection to a domain controller's port 88 (`controllers.py`).
KERBEROS_KINDS = ("error-before", "lost-answer", "delay", "kill-after", "silent", "garbage")
# Of a connection to port 636, and of what is asked on it (`ldap_calls.py`).
CONNECT_KINDS = ("error-before", "delay", "silent", "garbage")
LDAP_KINDS = (*(kind for kind in KINDS if kind != "stale-read"), "silent", "garbage")

_lock = threading.Lock()
_declared = []


class AnswerLost(Exception):
    """The connection is to be closed without an answer."""


@dataclasses.dataclass
class Fault:
    """One declared fault. `text` limits it to calls on behalf of an event that contains the text."""

    service: str
    operation: str
    kind: str
    count: int = 1
    after: int = 0
    delay_ms: int = 0
    text: str = ""
    hits: int = 0

    @property
    def seconds(self):
        return self.delay_ms / 1000


def declare(fault):
    """Add a fault. ValueError tells what no call could meet."""
    operations, kinds = _known(fault.service, fault.operation)
    if fault.operation not in operations:
        raise ValueError(f"{fault.service} has no operation {fault.operation}")
    if fault.kind not in kinds:
        raise ValueError(f"{fault.kind} is no kind of fault of {fault.service}: {', '.join(kinds)}")
    if fault.kind == "stale-read" and not staleness.may_be_stale(fault.service, fault.operation):
        raise ValueError(
            f"{fault.service} {fault.operation} cannot be stale: AWS documents stale answers for {staleness.DOCUMENTED}"
        )
    if fault.count < 1 or fault.after < 0 or fault.delay_ms < 0:
        raise ValueError("a fault needs a COUNT of at least 1; --after and --delay-ms cannot be negative")
    fault.service = model.botocore_name(fault.service)
    with _lock:
        _declared.append(fault)


def _known(service, operation):
    """The service's operations, and the kinds of faults that they can meet."""
    if service == "kerberos":
        return ("Exchange",), KERBEROS_KINDS
    if service == "ldap":
        return ("Connect", *ldap_messages.NAMES), CONNECT_KINDS if operation == "Connect" else LDAP_KINDS
    described = model.service_model(service)
    if described is None:
        raise ValueError(f"botocore knows no service {service}")
    return described.operation_names, KINDS


def clear(text=None):
    """Forget all faults, or those for a text."""
    with _lock:
        _declared[:] = [fault for fault in _declared if text is not None and fault.text != text]


def declared():
    """All faults, the spent ones too; `hits` counts the calls that met one."""
    with _lock:
        return [dataclasses.asdict(fault) for fault in _declared]


def due(request, event, process=None):
    """The fault that this call meets, or None. `event` is the text of what the caller works on."""
    with _lock:
        for fault in _declared:
            if fault.hits < fault.count and _concerns(fault, request, event, process):
                if fault.after > 0:
                    fault.after -= 1
                else:
                    fault.hits += 1
                    return fault
    return None


def _concerns(fault, request, event, process):
    if (fault.service, fault.operation) != (request.service, request.operation) or fault.text not in event:
        return False
    if fault.kind == "kill-after":
        return process is not None
    return fault.kind != "stale-read" or not request.parameters.get("ConsistentRead")


async def meet(fault, request, headers, process, perform, refuse):
    """The answer to a call that meets a fault; `perform` has the effect and `refuse` has none, both write it down."""
    if fault.kind == "error-before":
        return refuse(fault_answers.internal_error(request, headers))
    if fault.kind == "throttle":
        return refuse(fault_answers.throttled(request, headers))
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
        return await perform()
    if fault.kind == "stale-read":
        with staleness.before_the_last_write():
            return await perform()
    if fault.kind == "late-effect":
        task = asyncio.get_running_loop().create_task(_later(fault.seconds, perform))
        _pending.add(task)
        task.add_done_callback(_pending.discard)
        raise AnswerLost
    await perform()
    if fault.kind == "kill-after":
        process.kill()
    raise AnswerLost


_pending = set()


async def _later(seconds, perform):
    await asyncio.sleep(seconds)
    await perform()


def install():
    """Close the connection where the answer is lost."""
    from hypercorn.protocol.events import StreamClosed
    from ministack import app

    inner = app.app

    async def asgi(scope, receive, send):
        try:
            await inner(scope, receive, send)
        except AnswerLost:
            # `send` is a method of hypercorn's stream; ASGI itself has no way to say nothing.
            stream = send.__self__
            stream.closed = True
            await stream.send(StreamClosed(stream_id=stream.stream_id))

    app.app = asgi

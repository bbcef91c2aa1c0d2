"""How log events reach a subscribed function: in batches, at least once, in no order that one could rely on.

Sources: CloudWatch Logs User Guide, "Real-time processing of log data with subscriptions", "Using subscription filters with
Lambda" (gzip and base64, asynchronous invocation, the function's policy, metrics); Lambda Developer Guide, "Lambda quotas"
(256 KB of an asynchronous invocation). What `scripts/lab delivery` sets makes the worst of it that is allowed.
"""

import base64
import dataclasses
import gzip
import json
import logging
import random
import threading

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import cloudwatch, lambda_svc

from lab.aws import asynchronous, functions

PRINCIPAL = "logs.amazonaws.com"
# How long events wait for others, and with `reorder` how long a batch or a copy may be under way.
GATHER_SECONDS, UNDER_WAY_SECONDS = 0.2, 3
MOST_BYTES = 256 * 1024

log = logging.getLogger("lab.aws")


@dataclasses.dataclass(frozen=True)
class Way:
    """Each batch has at most `batch` events and arrives 1 to `copies` times; `reorder` mixes events, batches and copies."""

    copies: int = 1
    batch: int = 1000
    reorder: bool = False


_lock = threading.Lock()
_now = {"way": Way(), "generation": 0}
_gathered = {}
_counted = dict.fromkeys(("events", "batches", "invocations", "refused"), 0)


def change(**settings):
    """Deliver in another way from now on; answers how, and what was delivered since the start or reset."""
    way = dataclasses.replace(_now["way"], **{name: value for name, value in settings.items() if value is not None})
    if way.copies < 1 or way.batch < 1:
        raise ValueError("copies and batch are numbers from 1")
    with _lock:
        _now["way"] = way
        return {**dataclasses.asdict(way), "delivered": dict(_counted)}


def reset():
    with _lock:
        _now.update(way=Way(), generation=_now["generation"] + 1)
        _gathered.clear()
        _counted.update(dict.fromkeys(_counted, 0))


def may_invoke(function_arn, group):
    """Whether the function exists and its policy lets CloudWatch Logs invoke it for the log group."""
    source = f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{group}:*"
    return _function(function_arn) is not None and functions.policy_allows(function_arn, PRINCIPAL, source)


def check(subscription):
    """What the function is sent when a filter is made."""
    message = "CWL CONTROL MESSAGE: Checking health of destination Lambda function."
    event = {"id": "", "timestamp": 0, "message": message}
    told = {"messageType": "CONTROL_MESSAGE", "owner": "CloudwatchLogs", "logGroup": "", "logStream": ""}
    _invoke(subscription, {**told, "subscriptionFilters": [], "logEvents": [event]})


def deliver(subscription, stream, events):
    """Hand events over; they wait a moment for others of their stream."""
    if not events:
        return
    place = (get_account_id(), get_region(), subscription["logGroupName"], subscription["filterName"], stream)
    with _lock:
        first = place not in _gathered
        _gathered.setdefault(place, []).extend(_delivered(event) for event in events)
        if first:
            _later(GATHER_SECONDS * (5 if _now["way"].reorder else 1), _send, subscription, place)


def _delivered(event):
    """Numbered with 56 digits, as CloudWatch Logs does."""
    number = str(random.randrange(10**55, 10**56))
    return {"id": number, "timestamp": event["timestamp"], "message": event["message"]}


def _later(seconds, run, *arguments):
    timer = threading.Timer(seconds, run, (*arguments, _now["generation"]))
    timer.daemon = True
    timer.start()


def _send(subscription, place, generation):
    with _lock:
        if generation != _now["generation"]:
            return
        events, way = _gathered.pop(place), _now["way"]
        _counted["events"] += len(events)
    if way.reorder:
        random.shuffle(events)
    batches = [events[at : at + way.batch] for at in range(0, len(events), way.batch)]
    for batch in batches:
        _send_batch(subscription, place, batch, way)


def _send_batch(subscription, place, events, way):
    account, region, group, name, stream = place
    where = {"messageType": "DATA_MESSAGE", "owner": account, "logGroup": group, "logStream": stream}
    payload = {**where, "subscriptionFilters": [name], "logEvents": events}
    if len(_packed(payload)["awslogs"]["data"]) > MOST_BYTES and len(events) > 1:
        for half in (events[: len(events) // 2], events[len(events) // 2 :]):
            _send_batch(subscription, place, half, way)
        return
    copies = random.randint(1, way.copies)
    with _lock:
        _counted["batches"] += 1
        for copy in range(copies):
            seconds = random.uniform(0, UNDER_WAY_SECONDS) if way.reorder else copy * GATHER_SECONDS
            _later(seconds, _arrive, subscription, (account, region), payload)


def _arrive(subscription, scope, payload, generation):
    if generation == _now["generation"]:
        with request_scope(*scope):
            _invoke(subscription, payload)


def _invoke(subscription, payload):
    arn, group = subscription["destinationArn"], subscription["logGroupName"]
    if not may_invoke(arn, group):
        log.warning("%s does not allow %s to invoke it for %s: a batch is lost", arn, PRINCIPAL, group)
        _count(subscription, "refused", "DeliveryErrors", 1)
        return
    asynchronous.invoke(_function(arn), _packed(payload))
    if payload["messageType"] == "DATA_MESSAGE":
        _count(subscription, "invocations", "ForwardedLogEvents", len(payload["logEvents"]))


def _count(subscription, counter, metric, value):
    with _lock:
        _counted[counter] += 1
    where = {"LogGroupName": subscription["logGroupName"], "FilterName": subscription["filterName"]}
    cloudwatch.record_metric("AWS/Logs", metric, value, "Count", {**where, "DestinationType": "Lambda"})


def _function(arn):
    function, config, _name = lambda_svc._get_func_record_for_ref(arn)
    return lambda_svc._execution_record_for_config(function, config) if function and config else None


def _packed(payload):
    text = json.dumps(payload, separators=(",", ":")).encode()
    return {"awslogs": {"data": base64.b64encode(gzip.compress(text)).decode()}}

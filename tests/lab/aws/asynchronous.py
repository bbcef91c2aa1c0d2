"""Asynchronous invocations: Lambda's own queue in front of a function.

Source: Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation" (a function's error: twice
again, after one and two minutes; a throttle: again for six hours, which is no attempt), "Adding a dead-letter queue" (the
event itself with RequestID, ErrorCode, ErrorMessage; the function's role must allow it). The waits are short here.
"""

import contextvars
import itertools
import json
import logging
import threading
import time
import uuid

from ministack.core.responses import request_scope
from ministack.services import lambda_svc, sqs

from lab.aws import functions, metrics

RETRY_SECONDS = (1, 2)
THROTTLED_SECONDS = (0.1, 0.2, 0.4, 0.8)
MOST_TEXT = 1024

log = logging.getLogger("lab.aws")
# Invocations of a lab before a reset are nobody's.
_generation = {"current": 0}


def install():
    lambda_svc.invoke_async_with_retry = invoke


def forget():
    """What is still to be tried again never is."""
    _generation["current"] += 1


def invoke(func, event):
    """Run the function some time; the caller learns nothing."""
    context = contextvars.copy_context()
    arguments = (_run, func, event, _generation["current"])
    threading.Thread(target=context.run, args=arguments, daemon=True).start()


def _run(func, event, generation):
    config = func.get("config") or func
    options = func.get("event_invoke_config") or (func.get("event_invoke_configs") or {}).get("$LATEST") or {}
    most_retries, oldest = options.get("MaximumRetryAttempts"), int(options.get("MaximumEventAgeInSeconds") or 21600)
    retries = RETRY_SECONDS[: len(RETRY_SECONDS) if most_retries is None else int(most_retries)]
    with request_scope(*lambda_svc._account_region_from_function_config(config)):
        result = _attempts(func, event, generation, retries, time.monotonic() + oldest)
        if result is not None:
            _give_up(config, options, event, result)


def _attempts(func, event, generation, retries, deadline):
    """The last attempt's result when all failed, else None."""
    waits, throttled = iter(retries), itertools.chain(THROTTLED_SECONDS, itertools.repeat(THROTTLED_SECONDS[-1]))
    while True:
        if generation != _generation["current"]:
            return None
        result = lambda_svc._execute_function(_as_it_is(func), event)
        if not result.get("error"):
            return None
        wait = next(throttled if result.get("throttle") else waits, None)
        if wait is None or time.monotonic() + wait > deadline:
            return result
        time.sleep(wait)


def _as_it_is(func):
    """The function with today's settings, such as its reserved concurrency."""
    found, config, _name = lambda_svc._get_func_record_for_ref((func.get("config") or func)["FunctionArn"])
    return lambda_svc._execution_record_for_config(found, config) if found and config else func


def _give_up(config, options, event, result):
    name, target = config["FunctionName"], (config.get("DeadLetterConfig") or {}).get("TargetArn")
    destination = ((options.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    if destination:
        lambda_svc._route_async_failure(destination, name, event, result)
    if target and not _dead_letter(config, target, event, result):
        metrics.count("AWS/Lambda", "DeadLetterErrors", FunctionName=name)
    elif not target and not destination:
        log.warning("%s: an event is lost after all attempts", name)


def _dead_letter(config, target, event, result):
    """Whether the event has reached the dead-letter queue."""
    queue = sqs._queue_by_arn(target)
    if queue is None or functions.denied(config, "sqs:SendMessage", target):
        return False
    attributes = {
        "RequestID": ("String", str(uuid.uuid4())),
        "ErrorCode": ("Number", "429" if result.get("throttle") else "200"),
        "ErrorMessage": ("String", _message(result)[:MOST_TEXT] or "Unknown"),
    }
    message = {
        "QueueUrl": queue["url"],
        "MessageBody": json.dumps(event),
        "MessageAttributes": {k: {"DataType": kind, "StringValue": text} for k, (kind, text) in attributes.items()},
    }
    try:
        sqs._act_send_message(message, queue["url"])
    except Exception:  # too large, say
        log.exception("%s: the dead-letter queue does not take an event", config["FunctionName"])
        return False
    return True


def _message(result):
    body = result.get("body")
    try:
        body = json.loads(body) if isinstance(body, str | bytes) else body
    except ValueError:
        return str(body)
    return str((body or {}).get("errorMessage", "")) if isinstance(body, dict) else str(body)

"""Client tokens as Directory Service Data keeps them.

Source: Directory Service Data API Reference, ClientToken: valid for 8 hours after the first request that uses it
completes; if a request succeeds, later uses are idempotent for another 8 hours; other parameters within that time are a
ConflictException.
"""

import json
import threading
import time

from lab.aws.modelled import ApiError

VALID_SECONDS = 8 * 3600

_lock = threading.Lock()
_remembered = {}


def idempotent(operation):
    """The operation, answered from memory when its client token has been used with the same parameters."""

    def perform(call):
        token = call.parameters.get("ClientToken")
        if token is None:
            return operation(call)
        key = (call.account, call.region, call.parameters["DirectoryId"], token)
        asked = json.dumps([call.operation, call.parameters], sort_keys=True)
        with _lock:
            known = _remembered.get(key)
            if known and known["until"] > time.time():
                if known["asked"] != asked:
                    raise ApiError("ConflictException", "The client token was used with other request parameters.")
                known["until"] = time.time() + VALID_SECONDS
                return known["answer"]
            answer = operation(call)
            _remembered[key] = {"asked": asked, "answer": answer, "until": time.time() + VALID_SECONDS}
            return answer

    return perform


def forget():
    with _lock:
        _remembered.clear()

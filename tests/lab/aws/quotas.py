"""The published request quotas, while `scripts/lab quota on` holds.

Sources: Directory Service Data API Reference and Administration Guide, quotas: 8 reads and 4 writes a second for a
directory of the Standard edition; ThrottlingException (429) with Retry-After. Connect Administrator Guide, "API throttling
quotas", and API Reference, "Best practices": 2 requests a second and a burst (the size of the bucket) of 5, for each API
of an account in a Region, but for some that the lab does not have. WorkSpaces publishes none; how many WorkSpaces and Connect
users there may be holds in any case (`workspaces_store.py`, `connect_instance.py`).
"""

import collections
import threading
import time

READS, WRITES = 8, 4
CONNECT_RATE, CONNECT_BURST = 2, 5

_lock = threading.Lock()
_recent = {"read": collections.deque(), "write": collections.deque()}
# operation of Connect -> (tokens left, when that was)
_buckets = {}
_enforced = False


def enforce(on):
    """Begin or end to enforce them."""
    global _enforced
    with _lock:
        for times in _recent.values():
            times.clear()
        _buckets.clear()
        _enforced = on


def exceeded(request):
    """Whether a call is one too many now."""
    if not _enforced:
        return False
    if request.service == "ds-data":
        return _is_one_too_many_in_this_second(request)
    return request.service == "connect" and _finds_its_bucket_empty(request.operation)


def _is_one_too_many_in_this_second(request):
    is_read = request.operation.startswith(("Describe", "List", "Search"))
    times, limit = (_recent["read"], READS) if is_read else (_recent["write"], WRITES)
    now = time.monotonic()
    with _lock:
        while times and times[0] <= now - 1:
            times.popleft()
        if len(times) >= limit:
            return True
        times.append(now)
    return False


def _finds_its_bucket_empty(operation):
    now = time.monotonic()
    with _lock:
        tokens, since = _buckets.get(operation, (CONNECT_BURST, now))
        tokens = min(CONNECT_BURST, tokens + (now - since) * CONNECT_RATE)
        _buckets[operation] = (tokens - 1 if tokens >= 1 else tokens, now)
    return tokens < 1

"""The request quotas of Directory Service Data, while `scripts/lab quota on` holds.

Source: Directory Service Data API Reference and Administration Guide, quotas: 8 reads and 4 writes a second for a
directory of the Standard edition; ThrottlingException (429) with Retry-After.
"""

import collections
import threading
import time

READS, WRITES = 8, 4

_lock = threading.Lock()
_recent = {"read": collections.deque(), "write": collections.deque()}
_enforced = False


def enforce(on):
    """Begin or end to enforce them."""
    global _enforced
    with _lock:
        for times in _recent.values():
            times.clear()
        _enforced = on


def exceeded(request):
    """Whether a call is one too many in this second."""
    if not _enforced or request.service != "ds-data":
        return False
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

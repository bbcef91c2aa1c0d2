"""The WorkSpaces that exist, and how the lab's WorkSpaces behaves: how long things take, how many there may be, which of the
next requests fail (`scripts/lab workspaces`).

Sources: WorkSpaces Administration Guide, "Amazon WorkSpaces quotas" (one WorkSpace in a Region unless an account asks for
more: the lab's account has); API Reference, DescribeWorkspaces (a new WorkSpace is not shown at once).
"""

import dataclasses
import threading
import time

# As an account that expects some hundred people has asked for; AWS's default is 1.
LIMIT = 1000
# "If you immediately call DescribeWorkspaces with this identifier, no information is returned."
HIDDEN_SECONDS = 0.5
# States that a WorkSpace ends in that cannot be made or used.
BROKEN = ("ERROR", "UNHEALTHY")

lock = threading.RLock()
# id -> Workspace; a reset goes back to those of the snapshot.
STORE = {}


@dataclasses.dataclass
class Behaviour:
    """AWS takes up to 20 minutes to make a WorkSpace and some to stop, start or terminate one."""

    pending_seconds: float = 2.0
    changing_seconds: float = 1.0
    limit: int = LIMIT
    # What the next requests end in: {"outcome": code of a failed request or state, "count", "user": "" for anybody's}
    outcomes: list = dataclasses.field(default_factory=list)


behaviour = Behaviour()


def tune(outcome=None, **changes):
    """Change the behaviour, and say what it is from now on."""
    with lock:
        for name, value in changes.items():
            if name not in ("pending_seconds", "changing_seconds", "limit") or value < 0:
                raise ValueError(f"no such behaviour: {name}={value}")
            setattr(behaviour, name, value)
        if outcome and outcome["count"] < 1:
            raise ValueError("an outcome needs a COUNT of at least 1")
        if outcome:
            behaviour.outcomes.append({name: outcome[name] for name in ("outcome", "count", "user")})
        return dataclasses.asdict(behaviour)


def due(user):
    """What the request for the user is told to end in; None for what it would end in anyway."""
    for outcome in behaviour.outcomes:
        if outcome["count"] > 0 and outcome["user"].lower() in ("", user.lower()):
            outcome["count"] -= 1
            return outcome["outcome"]
    return None


def reset():
    """As the lab begins: nothing is told to fail."""
    with lock:
        for name, value in dataclasses.asdict(Behaviour()).items():
            setattr(behaviour, name, value)


def existing(account, region):
    """Those that are not gone, the oldest first."""
    now = time.time()
    mine = [w for w in list(STORE.values()) if (w.account, w.region) == (account, region)]
    return sorted((w for w in mine if w.state(now)), key=lambda w: (w.made, w.id))


def named(workspace_id, account, region):
    """The WorkSpace with an id that is not gone, or None."""
    return next((w for w in existing(account, region) if w.id == workspace_id), None)

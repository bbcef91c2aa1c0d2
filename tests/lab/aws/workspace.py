"""A WorkSpace of Amazon WorkSpaces and its states over time; nothing of ministack or of the directory.

Sources: WorkSpaces API Reference, Workspace (the states), StopWorkspaces, StartWorkspaces, TerminateWorkspaces and
ModifyWorkspaceState (which state allows what); Administration Guide, "Manage the running mode" (an AutoStop WorkSpace stops
by itself when nobody has used it for its time; in the lab nobody ever does).
"""

from dataclasses import dataclass, field

GONE = None
# For which StopWorkspaces works.
STOPPABLE = ("AVAILABLE", "IMPAIRED", "UNHEALTHY", "ERROR")
ON_DEMAND = ("AUTO_STOP", "MANUAL")


@dataclass
class Workspace:
    """`timeline` says which state begins when; the last one stays."""

    id: str
    account: str
    region: str
    request: dict
    made: float
    timeline: list = field(default_factory=list)
    # Of a WorkSpace that could not be made.
    error: dict = field(default_factory=dict)

    @property
    def properties(self):
        return self.request["WorkspaceProperties"]

    @property
    def tags(self):
        return self.request.get("Tags", [])

    def state(self, now):
        """The state at a time; GONE when it is there no more."""
        return [state for since, state in self.timeline if since <= now][-1]

    def belongs_to(self, directory_id, user):
        """User names ignore case (API Reference, WorkspaceRequest)."""
        same_user = self.request["UserName"].lower() == user.lower()
        return same_user and self.request["DirectoryId"] == directory_id

    def create(self, now, seconds, end="AVAILABLE"):
        self._follow(now, "PENDING", seconds, end)

    def may_stop(self, now):
        return self.properties["RunningMode"] in ON_DEMAND and self.state(now) in STOPPABLE

    def stop(self, now, seconds):
        self._follow(now, "STOPPING", seconds, "STOPPED")

    def may_start(self, now):
        return self.properties["RunningMode"] in ON_DEMAND and self.state(now) == "STOPPED"

    def start(self, now, seconds):
        self._follow(now, "STARTING", seconds, "AVAILABLE")

    def may_terminate(self, now):
        """In any state but SUSPENDED."""
        return self.state(now) not in ("SUSPENDED", "TERMINATING")

    def terminate(self, now, seconds):
        """TERMINATED is "rarely returned": it is gone after TERMINATING."""
        self._follow(now, "TERMINATING", seconds, GONE)

    def may_become(self, state, now):
        other = {"ADMIN_MAINTENANCE": "AVAILABLE", "AVAILABLE": "ADMIN_MAINTENANCE"}[state]
        return self.state(now) in (other, state)

    def become(self, state, now):
        """In ADMIN_MAINTENANCE it does not stop by itself."""
        self._follow(now, state, 0, state)

    def _follow(self, now, state, seconds, end):
        self.timeline = [(now, state), (now + seconds, end)]
        if end == "AVAILABLE" and self.properties["RunningMode"] == "AUTO_STOP":
            idle = self.properties["RunningModeAutoStopTimeoutInMinutes"] * 60
            self.timeline.append((now + seconds + idle, "STOPPED"))

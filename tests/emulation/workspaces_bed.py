"""What the tests of Amazon WorkSpaces share."""

import time
import unittest

from lab import settings

from emulation import bed
from emulation.test_directories import lab

BUNDLE = settings.WORKSPACES_BUNDLE_ID
ARTICLE = {
    "RunningMode": "AUTO_STOP",
    "RunningModeAutoStopTimeoutInMinutes": 60,
    "RootVolumeSizeGib": 80,
    "UserVolumeSizeGib": 100,
    "ComputeTypeName": "VALUE",
}


class WorkspacesCase(unittest.TestCase):
    """Tests with people of their own; WorkSpaces are made and changed in a fraction of a second."""

    def setUp(self):
        self.workspaces, self.data = bed.aws("workspaces"), bed.aws("ds-data")
        lab("workspaces", "--pending-seconds", "0.6", "--changing-seconds", "0.2")

    def new_user(self):
        name = f"w{bed.token()[:8]}"
        self.data.create_user(DirectoryId=settings.DIRECTORY_ID, SAMAccountName=name)
        return name

    def request(self, user, **more):
        return {"DirectoryId": settings.DIRECTORY_ID, "UserName": user, "BundleId": BUNDLE} | more

    def create(self, *requests):
        return self.workspaces.create_workspaces(Workspaces=list(requests))

    def new(self, user=None, **more):
        """The id of a WorkSpace, which is PENDING."""
        answer = self.create(self.request(user or self.new_user(), **more))
        self.assertEqual(answer["FailedRequests"], [])
        return answer["PendingRequests"][0]["WorkspaceId"]

    def failures(self, answer):
        return [(failed["WorkspaceRequest"]["UserName"], failed["ErrorCode"]) for failed in answer["FailedRequests"]]

    def described(self, **wanted):
        return self.workspaces.describe_workspaces(**wanted)["Workspaces"]

    def becomes(self, workspace_id, *states):
        """Wait until it has one of the states (None: gone), and describe it."""
        deadline = time.monotonic() + 10
        while True:
            found = self.described(WorkspaceIds=[workspace_id])
            if (found[0]["State"] if found else None) in states:
                return found[0] if found else None
            self.assertLess(time.monotonic(), deadline, f"{found} should become {states}")
            time.sleep(0.05)

    def ends(self, workspace_id):
        """Terminate it, and wait until it is gone."""
        self.becomes(workspace_id, "PENDING", "AVAILABLE", "STOPPED")  # a new one is not described at first
        self.assertEqual(self.terminate(workspace_id), {})
        self.becomes(workspace_id, None)

    def available(self, **more):
        workspace_id = self.new(**more)
        self.becomes(workspace_id, "AVAILABLE")
        return workspace_id

    def stop(self, *names):
        return self.changed(self.workspaces.stop_workspaces(StopWorkspaceRequests=[{"WorkspaceId": n} for n in names]))

    def start(self, *names):
        return self.changed(self.workspaces.start_workspaces(StartWorkspaceRequests=[{"WorkspaceId": n} for n in names]))

    def terminate(self, *names):
        requests = [{"WorkspaceId": n} for n in names]
        return self.changed(self.workspaces.terminate_workspaces(TerminateWorkspaceRequests=requests))

    def changed(self, answer):
        """workspace id -> error code, of those that failed."""
        return {failed["WorkspaceId"]: failed["ErrorCode"] for failed in answer["FailedRequests"]}

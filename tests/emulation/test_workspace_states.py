"""A WorkSpace's states over time; needs no running lab."""

import unittest

from lab.aws.workspace import GONE, Workspace

HOUR = 3600


def made(mode="AUTO_STOP", end="AVAILABLE", tags=()):
    properties = {"RunningMode": mode}
    if mode == "AUTO_STOP":
        properties["RunningModeAutoStopTimeoutInMinutes"] = 60
    request = {"DirectoryId": "d-1", "UserName": "Alice", "WorkspaceProperties": properties, "Tags": list(tags)}
    workspace = Workspace("ws-1", "111122223333", "eu-west-1", request, 0)
    workspace.create(0, 10, end)
    return workspace


class WorkspaceStates(unittest.TestCase):
    def test_a_new_one_is_pending_until_its_time_has_come(self):
        workspace = made()

        self.assertEqual([workspace.state(at) for at in (0, 9.9, 10)], ["PENDING", "PENDING", "AVAILABLE"])

    def test_one_that_stops_by_itself_does_so_after_its_hour_and_others_never(self):
        self.assertEqual([made().state(at) for at in (9 + HOUR, 10 + HOUR)], ["AVAILABLE", "STOPPED"])
        self.assertEqual(made("ALWAYS_ON").state(99 * HOUR), "AVAILABLE")
        self.assertEqual(made(end="ERROR").state(99 * HOUR), "ERROR")

    def test_it_can_be_stopped_when_it_runs_on_demand_and_is_usable_or_broken(self):
        self.assertEqual([made().may_stop(at) for at in (5, 10, 10 + HOUR)], [False, True, False])
        self.assertTrue(made(end="UNHEALTHY").may_stop(10))
        self.assertFalse(made("ALWAYS_ON").may_stop(10))

    def test_stopping_and_starting_take_time_and_exclude_themselves(self):
        workspace = made()
        workspace.stop(20, 5)

        self.assertEqual([workspace.state(at) for at in (20, 25)], ["STOPPING", "STOPPED"])
        self.assertFalse(workspace.may_start(22) or workspace.may_stop(22) or workspace.may_stop(25))
        self.assertTrue(workspace.may_start(25))
        workspace.start(30, 5)
        self.assertEqual([workspace.state(at) for at in (30, 35, 35 + HOUR)], ["STARTING", "AVAILABLE", "STOPPED"])

    def test_a_stop_overtakes_the_stop_that_was_to_come_by_itself(self):
        workspace = made()
        workspace.stop(20, 5)
        workspace.start(30, 5)

        self.assertEqual(workspace.state(10 + HOUR), "AVAILABLE")

    def test_it_can_be_terminated_in_any_state_and_is_gone_then(self):
        for at in (5, 10, 10 + HOUR):
            workspace = made()
            self.assertTrue(workspace.may_terminate(at))
            workspace.terminate(at, 5)
            self.assertEqual([workspace.state(at), workspace.state(at + 5)], ["TERMINATING", GONE])
            self.assertFalse(workspace.may_terminate(at + 1))

    def test_an_administrators_maintenance_keeps_it_from_being_stopped(self):
        workspace = made()
        self.assertFalse(workspace.may_become("ADMIN_MAINTENANCE", 5))
        self.assertTrue(workspace.may_become("ADMIN_MAINTENANCE", 10))
        workspace.become("ADMIN_MAINTENANCE", 10)

        self.assertEqual(workspace.state(99 * HOUR), "ADMIN_MAINTENANCE")
        self.assertFalse(workspace.may_stop(11))
        self.assertTrue(workspace.may_become("AVAILABLE", 11))
        workspace.become("AVAILABLE", 11)
        self.assertTrue(workspace.may_stop(12))

    def test_user_names_ignore_case_within_a_directory(self):
        self.assertTrue(made().belongs_to("d-1", "aLICE"))
        self.assertFalse(made().belongs_to("d-2", "Alice") or made().belongs_to("d-1", "alicia"))

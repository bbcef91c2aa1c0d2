import time
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import ConnectionClosedError

from lab import settings
from lab.aws_service import admin

from emulation.bed import refused
from emulation.test_directories import lab
from emulation.workspaces_bed import ARTICLE, BUNDLE, WorkspacesCase

UNKNOWN_BUNDLE, UNKNOWN_DIRECTORY = "wsb-unknown01", "d-9067000000"


class Creation(WorkspacesCase):
    def test_a_workspace_is_pending_and_then_available_as_asked_for(self):
        user = self.new_user()
        (pending,) = self.create(self.request(user, WorkspaceProperties=ARTICLE))["PendingRequests"]

        self.assertEqual((pending["State"], pending["UserName"]), ("PENDING", user))
        self.assertNotIn("ComputerName", self.becomes(pending["WorkspaceId"], "PENDING"))
        made = self.becomes(pending["WorkspaceId"], "AVAILABLE")
        self.assertEqual((made["WorkspaceProperties"], made["BundleId"]), (ARTICLE, BUNDLE))
        self.assertIn("ComputerName", made)

    def test_what_is_not_asked_for_is_as_in_the_bundle(self):
        made = self.becomes(self.new(), "PENDING")["WorkspaceProperties"]

        expected = {"RunningMode": "ALWAYS_ON", "RootVolumeSizeGib": 80, "UserVolumeSizeGib": 10, "ComputeTypeName": "VALUE"}
        self.assertEqual(made, expected)

    def test_a_new_one_is_not_described_at_once_but_it_is_there(self):
        user = self.new_user()
        workspace_id = self.new(user)

        self.assertEqual(self.described(WorkspaceIds=[workspace_id]), [])
        self.assertEqual(self.described(DirectoryId=settings.DIRECTORY_ID, UserName=user), [])
        self.assertEqual(self.failures(self.create(self.request(user))), [(user, "ResourceExists.WorkSpace")])
        self.becomes(workspace_id, "PENDING")

    def test_each_request_of_a_call_fails_for_itself(self):
        good, has_one, twice = self.new_user(), self.new_user(), self.new_user()
        self.new(has_one)

        answer = self.create(
            self.request("nobody"), self.request(good), self.request(has_one.upper()), self.request(twice),
            self.request(twice.upper()), self.request(good, BundleId=UNKNOWN_BUNDLE),
            self.request(good, DirectoryId=UNKNOWN_DIRECTORY), self.request(good, DirectoryId=settings.SIMPLE_DIRECTORY_ID),
        )  # fmt: skip

        self.assertEqual([pending["UserName"] for pending in answer["PendingRequests"]], [good, twice])
        self.assertEqual(self.failures(answer), [
            ("nobody", "ResourceNotFound.User"), (has_one.upper(), "ResourceExists.WorkSpace"),
            (twice.upper(), "ResourceExists.WorkSpace"), (good, "ResourceNotFound.Bundle"),
            (good, "ResourceNotFound.Directory"), (good, "ResourceNotFound.Directory"),
        ])  # fmt: skip

    def test_the_time_until_it_stops_belongs_to_those_that_do(self):
        user = self.new_user()
        always = ARTICLE | {"RunningMode": "ALWAYS_ON"}

        failed = self.failures(self.create(self.request(user, WorkspaceProperties=always)))

        self.assertEqual(failed, [(user, "AutoStopTimeoutIsNotApplicableForAnAlwaysOnWorkspace")])

    def test_what_no_workspace_can_have_is_refused_for_the_whole_call(self):
        good = self.request(self.new_user())
        for wrong in (
            {"RunningModeAutoStopTimeoutInMinutes": 90}, {"RunningMode": "MANUAL"},
            {"RootVolumeSizeGib": 80, "UserVolumeSizeGib": 80}, {"RootVolumeSizeGib": 175, "UserVolumeSizeGib": 50},
        ):  # fmt: skip
            bad = self.request(self.new_user(), WorkspaceProperties=ARTICLE | wrong)
            refused(self, "InvalidParameterValuesException", self.create, good, bad)
        refused(self, "ValidationException", self.create, *[good] * 26)

        self.assertEqual(len(self.create(good)["PendingRequests"]), 1)

    def test_too_many_are_refused_as_a_whole(self):
        first, second = self.new_user(), self.new_user()
        there = len(list(self.everyone()))
        self.addCleanup(lab, "workspaces", "--limit", "1000")
        lab("workspaces", "--limit", str(there + 1))

        refused(self, "ResourceLimitExceededException", self.create, self.request(first), self.request(second))
        self.new(first)
        refused(self, "ResourceLimitExceededException", self.create, self.request(second))
        self.assertEqual(self.failures(self.create(self.request(first))), [(first, "ResourceExists.WorkSpace")])

    def everyone(self):
        time.sleep(0.6)  # until the last one made is shown
        for page in self.workspaces.get_paginator("describe_workspaces").paginate():
            yield from page["Workspaces"]

    def test_requests_end_as_the_lab_was_told(self):
        broken, refused_one, other = self.new_user(), self.new_user(), self.new_user()
        lab("workspaces", "--outcome", "ERROR", "--for", broken)
        lab("workspaces", "--outcome", "ResourceLimitExceeded.WorkSpaces", "--count", "2", "--for", refused_one.upper())

        for _ in range(2):
            failed = self.failures(self.create(self.request(refused_one), self.request(other)))
            self.assertIn((refused_one, "ResourceLimitExceeded.WorkSpaces"), failed)
        self.new(refused_one)
        self.assertEqual(self.becomes(self.new(broken), "ERROR")["ErrorCode"], "InternalFailure")

    def test_a_user_whom_the_directory_shows_later_is_not_found_yet(self):
        self.addCleanup(lab, "consistency", "immediate")
        lab("consistency", "eventual")
        user = self.new_user()

        self.assertEqual(self.failures(self.create(self.request(user))), [(user, "ResourceNotFound.User")])
        time.sleep(2.1)
        self.new(user)

    def test_of_many_requests_at_once_one_makes_it(self):
        user = self.new_user()
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(self.create, [self.request(user)] * 16))

        self.assertEqual(sum(len(answer["PendingRequests"]) for answer in answers), 1)
        self.assertEqual([self.failures(answer) for answer in answers].count([(user, "ResourceExists.WorkSpace")]), 15)

    def test_an_answer_that_is_lost_leaves_the_workspace(self):
        user = self.new_user()
        self.addCleanup(admin, "fault", {"clear": None})
        admin("fault", {"declare": {"service": "workspaces", "operation": "CreateWorkspaces", "kind": "lost-answer"}})

        with self.assertRaises(ConnectionClosedError):
            self.create(self.request(user))

        self.assertEqual(self.failures(self.create(self.request(user))), [(user, "ResourceExists.WorkSpace")])


class Reset(WorkspacesCase):
    def test_those_of_the_snapshot_come_back_and_the_behaviour_is_as_in_the_beginning(self):
        kept = self.new(WorkspaceProperties=ARTICLE)
        self.becomes(kept, "AVAILABLE")
        admin("snapshot")
        gone = self.available()
        self.stop(kept)
        lab("workspaces", "--limit", "0", "--outcome", "ERROR")

        admin("reset")

        self.assertEqual(self.becomes(kept, "AVAILABLE")["WorkspaceId"], kept)
        self.assertIsNone(self.becomes(gone, None))
        self.becomes(self.new(), "AVAILABLE")

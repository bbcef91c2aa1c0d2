from lab import settings

from emulation import bed
from emulation.bed import allow, refused
from emulation.workspaces_bed import ARTICLE, BUNDLE, WorkspacesCase

UNKNOWN = "ws-unknown01"
ACCOUNT = f"arn:aws:workspaces:{settings.REGION}:{settings.ACCOUNT_ID}"
TAG = [{"Key": "adsteward", "Value": "onboarded"}]


class Changes(WorkspacesCase):
    def test_one_that_runs_on_demand_is_stopped_and_started(self):
        workspace_id = self.available(WorkspaceProperties=ARTICLE)

        self.assertEqual(self.stop(workspace_id), {})
        self.becomes(workspace_id, "STOPPED")
        self.assertEqual(self.start(workspace_id), {})
        self.becomes(workspace_id, "AVAILABLE")

    def test_each_that_cannot_be_changed_is_named(self):
        pending, always = self.new(WorkspaceProperties=ARTICLE), self.available()
        running = self.available(WorkspaceProperties=ARTICLE)
        pending_now = self.new(WorkspaceProperties=ARTICLE)

        failed = self.stop(always, running, UNKNOWN, pending_now)
        state, missing = "InvalidResourceState.WorkSpace", "ResourceNotFound.WorkSpace"
        self.assertEqual(failed, {always: state, UNKNOWN: missing, pending_now: state})
        self.becomes(running, "STOPPED")
        self.assertEqual(self.stop(running), {running: state})
        self.becomes(pending, "AVAILABLE")
        self.assertEqual(self.start(pending), {pending: state})
        self.assertEqual(self.terminate(UNKNOWN), {UNKNOWN: missing})

    def test_a_terminated_one_is_gone_and_its_user_may_have_another(self):
        user = self.new_user()
        workspace_id = self.new(user)

        self.becomes(workspace_id, "PENDING")
        self.assertEqual(self.terminate(workspace_id), {})
        self.assertEqual(self.failures(self.create(self.request(user))), [(user, "ResourceExists.WorkSpace")])
        self.becomes(workspace_id, None)
        self.assertNotEqual(self.new(user), workspace_id)
        self.assertEqual(self.terminate(workspace_id), {workspace_id: "ResourceNotFound.WorkSpace"})

    def test_an_administrators_maintenance_keeps_it_from_being_stopped(self):
        workspace_id = self.available(WorkspaceProperties=ARTICLE)
        modify = self.workspaces.modify_workspace_state

        modify(WorkspaceId=workspace_id, WorkspaceState="ADMIN_MAINTENANCE")
        self.assertEqual(self.stop(workspace_id), {workspace_id: "InvalidResourceState.WorkSpace"})
        modify(WorkspaceId=workspace_id, WorkspaceState="AVAILABLE")
        self.assertEqual(self.stop(workspace_id), {})
        maintained = {"WorkspaceId": workspace_id, "WorkspaceState": "ADMIN_MAINTENANCE"}
        refused(self, "InvalidResourceStateException", modify, **maintained)
        refused(self, "ResourceNotFoundException", modify, **maintained | {"WorkspaceId": UNKNOWN})


class Described(WorkspacesCase):
    def test_they_are_found_by_one_filter(self):
        user = self.new_user()
        workspace_id = self.available(user=user)
        whose = {"DirectoryId": settings.DIRECTORY_ID, "UserName": user.upper()}

        self.assertEqual([w["WorkspaceId"] for w in self.described(**whose)], [workspace_id])
        self.assertEqual(self.described(DirectoryId=settings.SIMPLE_DIRECTORY_ID), [])
        self.assertEqual(self.described(BundleId="wsb-power0001"), [])
        self.assertEqual(self.described(WorkspaceIds=[UNKNOWN]), [])
        for wrong in {"WorkspaceIds": [workspace_id], **whose}, {"UserName": user}, {"BundleId": BUNDLE, **whose}:
            refused(self, "InvalidParameterValuesException", self.workspaces.describe_workspaces, **wrong)

    def test_they_come_in_pages(self):
        mine = {self.available() for _ in range(3)}
        pages = list(self.workspaces.get_paginator("describe_workspaces").paginate(Limit=2, BundleId=BUNDLE))

        self.assertTrue(all(len(page["Workspaces"]) == 2 for page in pages[:-1]))
        self.assertLessEqual(mine, {w["WorkspaceId"] for page in pages for w in page["Workspaces"]})

    def test_the_managed_directory_is_registered_until_it_is_not(self):
        (found,) = self.workspaces.describe_workspace_directories()["Directories"]
        self.assertEqual((found["DirectoryId"], found["State"]), (settings.DIRECTORY_ID, "REGISTERED"))

        simple = {"DirectoryId": settings.SIMPLE_DIRECTORY_ID}
        refused(self, "InvalidResourceStateException", self.workspaces.deregister_workspace_directory, **simple)
        self.workspaces.register_workspace_directory(**simple)
        refused(self, "ResourceAlreadyExistsException", self.workspaces.register_workspace_directory, **simple)
        self.assertEqual(len(self.workspaces.describe_workspace_directories()["Directories"]), 2)
        martha = self.new("martha.rivera", **simple)
        refused(self, "InvalidResourceStateException", self.workspaces.deregister_workspace_directory, **simple)
        self.ends(martha)
        self.workspaces.deregister_workspace_directory(**simple)
        self.assertEqual(self.workspaces.describe_workspace_directories(DirectoryIds=[simple["DirectoryId"]])["Directories"], [])

    def test_bundles_are_found_by_id_or_by_their_owner(self):
        describe = self.workspaces.describe_workspace_bundles
        (bundle,) = describe(BundleIds=[BUNDLE])["Bundles"]

        self.assertEqual((bundle["ComputeType"]["Name"], bundle["State"]), ("VALUE", "AVAILABLE"))
        self.assertIn(bundle, describe(Owner="AMAZON")["Bundles"])
        self.assertEqual(describe()["Bundles"], [])
        refused(self, "InvalidParameterValuesException", describe, BundleIds=[BUNDLE], Owner="AMAZON")


class Permissions(WorkspacesCase):
    def allowed(self, action, *resources, **condition):
        return bed.as_user("workspaces", allow(f"workspaces:{action}", resource=list(resources)) | condition)

    def denied(self, call, **parameters):
        return refused(self, "AccessDeniedException", call, **parameters)

    def test_whoever_creates_needs_the_directory_the_bundle_and_the_workspace(self):
        wanted = {"Workspaces": [self.request(self.new_user())]}
        needed = [
            f"{ACCOUNT}:directory/{settings.DIRECTORY_ID}", f"{ACCOUNT}:workspacebundle/{BUNDLE}", f"{ACCOUNT}:workspace/*",
        ]  # fmt: skip
        for missing in needed:
            user = self.allowed("CreateWorkspaces", *(arn for arn in needed if arn != missing))
            self.assertIn(missing, self.denied(user.create_workspaces, **wanted))

        self.allowed("CreateWorkspaces", *needed).create_workspaces(**wanted)

    def test_every_request_of_a_call_is_judged(self):
        other = self.request(self.new_user(), BundleId="wsb-power0001")
        resources = f"{ACCOUNT}:directory/*", f"{ACCOUNT}:workspacebundle/{BUNDLE}", f"{ACCOUNT}:workspace/*"
        user = self.allowed("CreateWorkspaces", *resources)

        self.assertIn("wsb-power0001", self.denied(user.create_workspaces, Workspaces=[self.request(self.new_user()), other]))

    def test_tags_can_be_demanded_and_limit_what_is_stopped(self):
        tagged, plain = self.available(WorkspaceProperties=ARTICLE, Tags=TAG), self.available(WorkspaceProperties=ARTICLE)
        held = {"Condition": {"StringEquals": {"aws:ResourceTag/adsteward": "onboarded"}}}
        user = self.allowed("StopWorkspaces", f"{ACCOUNT}:workspace/*", **held)

        self.denied(user.stop_workspaces, StopWorkspaceRequests=[{"WorkspaceId": tagged}, {"WorkspaceId": plain}])
        user.stop_workspaces(StopWorkspaceRequests=[{"WorkspaceId": tagged}])
        self.assertEqual(self.workspaces.describe_tags(ResourceId=tagged)["TagList"], TAG)

        given = {"Condition": {"StringEquals": {"aws:RequestTag/adsteward": "onboarded"}}}
        anywhere = allow("workspaces:CreateWorkspaces", resource=[f"{ACCOUNT}:directory/*", f"{ACCOUNT}:workspacebundle/*"])
        creator = bed.as_user(
            "workspaces", anywhere, allow("workspaces:CreateWorkspaces", resource=f"{ACCOUNT}:workspace/*") | given
        )
        self.denied(creator.create_workspaces, Workspaces=[self.request(self.new_user())])
        creator.create_workspaces(Workspaces=[self.request(self.new_user(), Tags=TAG)])

    def test_reading_has_no_resource(self):
        self.denied(self.allowed("DescribeWorkspaces", f"{ACCOUNT}:workspace/*").describe_workspaces)
        self.allowed("DescribeWorkspaces", "*").describe_workspaces()

    def test_a_customers_key_is_used_in_the_name_of_the_caller(self):
        key = bed.aws("kms").create_key()["KeyMetadata"]["Arn"]
        encrypted = {"VolumeEncryptionKey": key, "UserVolumeEncryptionEnabled": True, "RootVolumeEncryptionEnabled": True}
        wanted = {"Workspaces": [self.request(self.new_user(), **encrypted)]}
        creates = allow("workspaces:CreateWorkspaces")

        self.assertIn("kms:DescribeKey", self.denied(bed.as_user("workspaces", creates).create_workspaces, **wanted))
        user = bed.as_user("workspaces", creates, allow("kms:DescribeKey", "kms:CreateGrant", resource=key))
        made = user.create_workspaces(**wanted)["PendingRequests"][0]["WorkspaceId"]
        self.assertEqual(self.becomes(made, "AVAILABLE")["VolumeEncryptionKey"], key)
        bed.aws("kms").disable_key(KeyId=key)
        wrong = self.request(self.new_user(), **encrypted)
        refused(self, "InvalidParameterValuesException", self.create, wrong)

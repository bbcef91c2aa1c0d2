import json
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import ConnectionClosedError

from lab import settings
from lab.aws_service import admin

from emulation import bed
from emulation.bed import refused
from emulation.test_directories import lab

INSTANCE = settings.CONNECT_INSTANCE_ID
ROUTING, SECURITY = settings.CONNECT_ROUTING_PROFILE_ID, settings.CONNECT_SECURITY_PROFILE_ID
ARN = f"arn:aws:connect:{settings.REGION}:{settings.ACCOUNT_ID}:instance/{INSTANCE}"
UNKNOWN = "00000000-0000-0000-0000-000000000000"
PHONE = {"PhoneType": "SOFT_PHONE", "AutoAccept": False, "AfterContactWorkTimeLimit": 30}


class ConnectCase(unittest.TestCase):
    """Tests with users of their own."""

    def setUp(self):
        self.connect = bed.aws("connect")

    def request(self, **more):
        name = f"c{bed.token()[:8]}@corp.example.test"
        return {
            "InstanceId": INSTANCE, "Username": name, "IdentityInfo": {"FirstName": "Alice", "LastName": f"L{name[1:9]}"},
            "PhoneConfig": PHONE, "RoutingProfileId": ROUTING, "SecurityProfileIds": [SECURITY],
        } | more  # fmt: skip

    def new(self, **more):
        return self.connect.create_user(**self.request(**more))["UserId"]

    def described(self, user_id):
        return self.connect.describe_user(InstanceId=INSTANCE, UserId=user_id)["User"]

    def found(self, **criteria):
        answer = self.connect.search_users(InstanceId=INSTANCE, SearchCriteria=criteria)
        return [user["Id"] for user in answer["Users"]]

    def where(self, field, value, comparison="EXACT"):
        return {"StringCondition": {"FieldName": field, "Value": value, "ComparisonType": comparison}}


class Users(ConnectCase):
    def test_a_user_is_described_as_created(self):
        request = self.request(Tags={"adsteward": "onboarded"})
        created = self.connect.create_user(**request)
        user = self.described(created["UserId"])

        self.assertEqual((user["Arn"], created["UserArn"]), (f"{ARN}/agent/{user['Id']}",) * 2)
        for member in set(request) - {"InstanceId"}:
            self.assertEqual(user[member], request[member], member)

    def test_a_name_is_taken_whatever_its_case_until_its_user_is_deleted(self):
        request = self.request()
        first = self.connect.create_user(**request)["UserId"]

        again = request | {"Username": request["Username"].upper(), "IdentityInfo": {"FirstName": "B", "LastName": "B"}}
        for duplicate in request, again:
            refused(self, "DuplicateResourceException", self.connect.create_user, **duplicate)
        self.connect.delete_user(InstanceId=INSTANCE, UserId=first)
        self.assertNotEqual(self.connect.create_user(**request)["UserId"], first)

    def test_of_many_requests_at_once_one_makes_the_user(self):
        request = self.request()

        def is_made(_attempt):
            try:
                return bool(self.connect.create_user(**request))
            except self.connect.exceptions.DuplicateResourceException:
                return False

        with ThreadPoolExecutor(8) as pool:
            self.assertEqual(sum(pool.map(is_made, range(16))), 1)

    def test_a_deleted_user_is_not_found(self):
        wanted = {"InstanceId": INSTANCE, "UserId": self.new()}
        self.connect.delete_user(**wanted)

        for call in self.connect.describe_user, self.connect.delete_user:
            refused(self, "ResourceNotFoundException", call, **wanted)

    def test_what_does_not_exist_is_not_found(self):
        create = self.connect.create_user
        for wrong in {"InstanceId": UNKNOWN}, {"RoutingProfileId": UNKNOWN}, {"SecurityProfileIds": [SECURITY, UNKNOWN]}:
            refused(self, "ResourceNotFoundException", create, **self.request(**wrong))
        refused(self, "ResourceNotFoundException", self.connect.list_users, InstanceId=UNKNOWN)

    def test_what_saml_does_not_allow_is_refused(self):
        request = self.request()
        identity = request["IdentityInfo"]
        for wrong in (
            {"Password": "Correct-Horse-7"}, {"Username": "testuser@example"}, {"IdentityInfo": {"FirstName": "Alice"}},
            {"IdentityInfo": identity | {"Email": "a@corp.example.test"}}, {"SecurityProfileIds": []},
        ):  # fmt: skip
            client = bed.aws("connect") if wrong.get("SecurityProfileIds") != [] else bed.unchecked("connect")
            refused(self, "InvalidParameterException", client.create_user, **request | wrong)

    def test_more_users_than_the_limit_are_refused(self):
        self.addCleanup(lab, "connect", "--user-limit", "1000")
        there = sum(len(page["UserSummaryList"]) for page in self.pages())
        lab("connect", "--user-limit", str(there + 1))

        last = self.request()
        self.connect.create_user(**last)
        refused(self, "LimitExceededException", self.connect.create_user, **self.request())
        refused(self, "DuplicateResourceException", self.connect.create_user, **last)

    def pages(self, **more):
        return self.connect.get_paginator("list_users").paginate(InstanceId=INSTANCE, **more)

    def test_users_are_listed_in_pages(self):
        mine = {self.new() for _ in range(3)}
        pages = list(self.pages(PaginationConfig={"PageSize": 2}))

        self.assertTrue(all(len(page["UserSummaryList"]) == 2 for page in pages[:-1]))
        self.assertLessEqual(mine, {user["Id"] for page in pages for user in page["UserSummaryList"]})

    def test_an_answer_that_is_lost_leaves_the_user(self):
        self.addCleanup(admin, "fault", {"clear": None})
        request = self.request()
        admin("fault", {"declare": {"service": "connect", "operation": "CreateUser", "kind": "lost-answer"}})

        with self.assertRaises(ConnectionClosedError):
            self.connect.create_user(**request)

        refused(self, "DuplicateResourceException", self.connect.create_user, **request)

    def test_a_change_is_seen_later_while_consistency_is_eventual(self):
        self.addCleanup(lab, "consistency", "immediate")
        lab("consistency", "eventual")
        request = self.request()
        name = self.where("Username", request["Username"])
        wanted = {"InstanceId": INSTANCE, "UserId": self.connect.create_user(**request)["UserId"]}

        for call in self.connect.describe_user, self.connect.delete_user:
            refused(self, "ResourceNotFoundException", call, **wanted)
        self.assertEqual(self.found(**name), [])
        refused(self, "DuplicateResourceException", self.connect.create_user, **request)
        time.sleep(2.1)
        self.assertEqual(self.found(**name), [wanted["UserId"]])
        self.connect.delete_user(**wanted)
        self.assertEqual(self.found(**name), [wanted["UserId"]])
        self.connect.describe_user(**wanted)
        time.sleep(2.1)
        self.assertEqual(self.found(**name), [])
        refused(self, "ResourceNotFoundException", self.connect.describe_user, **wanted)

    def test_a_stale_read_does_not_see_a_new_user(self):
        self.addCleanup(admin, "fault", {"clear": None})
        user = self.new()
        for operation in "DescribeUser", "SearchUsers":
            admin("fault", {"declare": {"service": "connect", "operation": operation, "kind": "stale-read"}})

        refused(self, "ResourceNotFoundException", self.described, user)
        self.described(user)
        self.assertEqual(self.found(**self.where("resourceId", user)), [])
        self.assertEqual(self.found(**self.where("resourceId", user)), [user])

    def test_an_error_before_and_a_throttle_have_no_effect(self):
        self.addCleanup(admin, "fault", {"clear": None})
        request = self.request()
        for kind, code in (("error-before", "InternalServiceException"), ("throttle", "ThrottlingException")):
            admin("fault", {"declare": {"service": "connect", "operation": "CreateUser", "kind": kind}})
            refused(self, code, self.connect.create_user, **request)
        self.connect.create_user(**request)

    def test_names_of_people_are_not_written_down(self):
        request = self.request(IdentityInfo={"FirstName": "Hidden", "LastName": "Personal"})
        self.connect.create_user(**request)

        (call,) = [
            line for line in map(json.loads, lab("calls").splitlines())
            if line.get("operation") == "CreateUser" and line["parameters"].get("Username") == request["Username"]
        ]  # fmt: skip
        self.assertNotIn("Hidden", json.dumps(call))
        self.assertEqual(call["resource"], f"{ARN}/agent/*")


class Search(ConnectCase):
    def test_users_are_found_by_each_field(self):
        request = self.request(SecurityProfileIds=[SECURITY, "7b0c5f0e-0d43-4e21-8c5f-2f7b8b1d0c02"])
        user = self.connect.create_user(**request)["UserId"]
        last = request["IdentityInfo"]["LastName"]

        self.assertEqual(self.found(**self.where("Username", request["Username"].upper())), [user])
        self.assertEqual(self.found(**self.where("LastName", last)), [user])
        self.assertEqual(self.found(**self.where("resourceId", user)), [user])
        for field, value in (("FirstName", "Alice"), ("RoutingProfileId", ROUTING), ("SecurityProfileId", SECURITY)):
            self.assertEqual(self.found(AndConditions=[self.where(field, value), self.where("LastName", last)]), [user])
        self.assertEqual(self.found(**self.where("Username", request["Username"][:-1])), [])

    def test_parts_and_combinations_are_found(self):
        one, other = self.request(), self.request()
        ids = [self.connect.create_user(**request)["UserId"] for request in (one, other)]
        names = [request["Username"] for request in (one, other)]

        self.assertEqual(self.found(OrConditions=[self.where("Username", name) for name in names]), ids)
        self.assertEqual(self.found(AndConditions=[self.where("Username", name) for name in names]), [])
        self.assertEqual(self.found(**self.where("Username", names[0][:7], "STARTS_WITH")), ids[:1])
        self.assertEqual(self.found(**self.where("Username", names[0][1:9], "CONTAINS")), ids[:1])

    def test_what_cannot_be_searched_for_is_refused(self):
        for field, value in ("Email", "alice"), ("Username", "a"), ("Username", "a" * 26):
            wrong = self.where(field, value, "CONTAINS")
            refused(self, "InvalidParameterException", self.connect.search_users, InstanceId=INSTANCE, SearchCriteria=wrong)


class Instance(ConnectCase):
    def test_there_is_one_with_saml(self):
        (summary,) = self.connect.list_instances()["InstanceSummaryList"]

        self.assertEqual((summary["Id"], summary["IdentityManagementType"]), (INSTANCE, "SAML"))
        self.assertEqual(self.connect.describe_instance(InstanceId=INSTANCE)["Instance"]["Arn"], ARN)
        refused(self, "ResourceNotFoundException", self.connect.describe_instance, InstanceId=UNKNOWN)

    def test_the_environment_names_what_people_get(self):
        exports = lab("env")

        for name in "WORKSPACES_BUNDLE_ID", "CONNECT_INSTANCE_ID", "CONNECT_ROUTING_PROFILE_ID", "CONNECT_SECURITY_PROFILE_ID":
            self.assertIn(f"export {name}='{getattr(settings, name)}'", exports)

    def test_its_profiles_are_listed_and_described(self):
        routing = self.connect.list_routing_profiles(InstanceId=INSTANCE)["RoutingProfileSummaryList"]
        security = self.connect.list_security_profiles(InstanceId=INSTANCE)["SecurityProfileSummaryList"]

        self.assertIn(f"{ARN}/routing-profile/{ROUTING}", [profile["Arn"] for profile in routing])
        self.assertIn(f"{ARN}/security-profile/{SECURITY}", [profile["Arn"] for profile in security])
        wanted = {"InstanceId": INSTANCE, "SecurityProfileId": SECURITY}
        self.assertEqual(self.connect.describe_security_profile(**wanted)["SecurityProfile"]["SecurityProfileName"], "Agent")
        unknown = {"InstanceId": INSTANCE, "RoutingProfileId": UNKNOWN}
        refused(self, "ResourceNotFoundException", self.connect.describe_routing_profile, **unknown)

    def test_with_quotas_on_a_sixth_request_at_once_is_throttled(self):
        self.addCleanup(lab, "quota", "off")
        lab("quota", "on")
        codes = []
        for _ in range(8):
            try:
                self.connect.create_user(**self.request())
            except self.connect.exceptions.ThrottlingException as throttled:
                codes.append(throttled.response["ResponseMetadata"]["HTTPStatusCode"])

        self.assertGreaterEqual(len(codes), 1)
        self.assertEqual(set(codes), {429})
        self.connect.list_users(InstanceId=INSTANCE)

    def test_a_reset_brings_back_the_users_of_the_snapshot(self):
        kept = self.new()
        admin("snapshot")
        gone = self.new()
        lab("connect", "--user-limit", "0")

        admin("reset")

        self.described(kept)
        refused(self, "ResourceNotFoundException", self.described, gone)
        self.new()

"""What Amazon Connect demands of a user where SAML manages identities; needs no running lab."""

import unittest

from lab.aws import connect_identity

GOOD = {"Username": "alice@corp.example.test", "IdentityInfo": {"FirstName": "Alice", "LastName": "Example"}}


class ConnectIdentity(unittest.TestCase):
    def problem(self, **changes):
        return connect_identity.problem(GOOD | changes)

    def identity(self, **changes):
        return self.problem(IdentityInfo=GOOD["IdentityInfo"] | changes)

    def test_a_name_has_up_to_64_of_certain_characters(self):
        for name in "alice", "a_b-c.d", "a" * 64, f"{'a' * 54}@corp.test":
            self.assertIsNone(self.problem(Username=name), name)
        for name in "a" * 65, "alice example", "älice", "alice+1", "corp\\alice":
            self.assertIn("64 characters", self.problem(Username=name), name)

    def test_a_name_with_an_at_sign_is_a_whole_email_address(self):
        self.assertIsNone(self.problem(Username="testuser@example.com"))
        for name in "testuser@example", "@example.com", "testuser@", "a@b@example.com", "testuser@.com", "testuser@example.":
            self.assertIn("email format", self.problem(Username=name), name)

    def test_with_saml_there_is_no_password_no_directory_user_and_no_email(self):
        self.assertIn("Password", self.problem(Password="Correct-Horse-7"))
        self.assertIn("DirectoryUserId", self.problem(DirectoryUserId="alice"))
        self.assertIn("Email", self.identity(Email="alice@corp.example.test"))
        self.assertIsNone(self.identity(SecondaryEmail="alice@corp.example.test"))
        self.assertIn("SecondaryEmail", self.identity(SecondaryEmail="alice"))

    def test_both_names_are_required_and_normal(self):
        self.assertIn("FirstName", connect_identity.problem({"Username": "alice"}))
        for member in "FirstName", "LastName":
            for bad in "", " ", "Rene\u0301e":
                self.assertIn(member, self.identity(**{member: bad}), bad)
            self.assertIsNone(self.identity(**{member: "Ren\u00e9e"}))

    def test_settings_of_the_phone_are_given_once(self):
        soft = {"PhoneType": "SOFT_PHONE", "AutoAccept": False, "AfterContactWorkTimeLimit": 0}
        self.assertIsNone(self.problem(PhoneConfig=soft))
        for setting in "AutoAcceptConfigs", "AfterContactWorkConfigs", "PhoneNumberConfigs":
            self.assertIn(setting, self.problem(PhoneConfig=soft, **{setting: []}))
            self.assertIsNone(self.problem(**{setting: []}))
        self.assertIn("DeskPhoneNumber", self.problem(PhoneConfig={"PhoneType": "DESK_PHONE"}))
        self.assertIn("AfterContactWorkTimeLimit", self.problem(PhoneConfig={"AfterContactWorkTimeLimit": 2_000_001}))

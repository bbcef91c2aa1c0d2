import unittest

from lab import aws_service
from lab.domains import MANAGED, SIMPLE

from emulation import bed
from emulation.security_log_bed import SecurityLogCase
from emulation.test_controllers import marks
from emulation.test_directories import OTHER, PASSWORD, Directory, lab

LAST = "Third-Horse-9-Battery"


class ResetOfTheLab(Directory):
    def test_the_directories_go_back_to_the_passwords_of_the_snapshot(self):
        users = {MANAGED: "martha.rivera", SIMPLE: "svc-backup"}
        for password in PASSWORD, OTHER:
            for domain, name in users.items():
                self.reset(domain, name, password)
        gone = self.new_user(SIMPLE)
        self.reset(SIMPLE, gone)
        aws_service.admin("snapshot")
        for domain, name in users.items():
            self.reset(domain, name, LAST)

        lab("reset")

        for domain, name in users.items():
            found = {password: self.logs_in(domain, name, password) for password in (OTHER, LAST)}
            self.assertEqual(found, {OTHER: True, LAST: False}, domain.name)
        self.assertFalse(self.logs_in(SIMPLE, gone, OTHER))


class ResetOfMarks(unittest.TestCase):
    def test_no_call_is_marked_afterwards(self):
        text = bed.token()
        aws_service.admin("mark", {"text": text})
        self.assertEqual(marks(text), [[text]])
        aws_service.admin("snapshot")

        lab("reset")

        self.assertEqual(marks(text), [None])


class ResetOfTheSecurityLog(SecurityLogCase):
    def test_the_same_identifier_is_another_user_afterwards_and_nothing_before_is_forwarded(self):
        lab("reset")
        first = self.data.create_user(**self.user)["SID"]
        self.assertEqual(self.logged(1), [4720])
        bed.aws("ds").reset_user_password(DirectoryId=MANAGED.directory_id, UserName=self.name, NewPassword=OTHER)

        lab("reset")

        self.assertEqual(self.events(), [])
        second = self.data.create_user(**self.user | {"SAMAccountName": f"{self.name}b"})["SID"]
        self.assertEqual(self.logged(1, f"{self.name}b"), [4720])
        self.assertEqual(first, second)
        self.assertEqual(self.events(), [])

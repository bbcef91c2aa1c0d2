"""Connect's request quotas with a clock of the test's own; needs no running lab."""

import unittest
from unittest import mock

from lab.aws import quotas
from lab.aws.request import Request


class ConnectQuotas(unittest.TestCase):
    def setUp(self):
        quotas.enforce(True)
        self.addCleanup(quotas.enforce, False)

    def allowed(self, at, count, operation="CreateUser", service="connect"):
        """How many of so many calls at a time pass."""
        with mock.patch.object(quotas.time, "monotonic", lambda: at):
            return sum(not quotas.exceeded(Request(service, operation, {})) for _ in range(count))

    def test_five_pass_at_once_and_then_two_a_second(self):
        self.assertEqual([self.allowed(at, 10) for at in (100, 100.4, 100.5, 101.5)], [5, 0, 1, 2])

    def test_what_is_refused_costs_nothing_and_what_is_saved_is_five_at_most(self):
        self.allowed(100, 100)

        self.assertEqual([self.allowed(at, 10) for at in (101, 200)], [2, 5])

    def test_each_operation_has_its_own(self):
        self.allowed(100, 5)

        self.assertEqual(self.allowed(100, 5, "DescribeUser"), 5)

    def test_other_services_have_none_and_none_hold_when_switched_off(self):
        self.assertEqual(self.allowed(100, 50, "DescribeWorkspaces", "workspaces"), 50)
        quotas.enforce(False)
        self.assertEqual(self.allowed(100, 50), 50)

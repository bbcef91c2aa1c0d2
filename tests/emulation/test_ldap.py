"""What a function asks a domain controller by LDAPS, and the faults that it meets."""

import functools
import io
import json
import time
import unittest
import zipfile
from pathlib import Path

from lab import aws_service, paths, settings, state
from lab.domains import MANAGED

from emulation import bed
from emulation.directory_bed import computer, is_there, operator
from emulation.logs_bed import until

BOOTSTRAP = Path(__file__).with_name("ldap_function.py")
NO_SUCH_OBJECT, BUSY, UNAVAILABLE = 32, 51, 52


@functools.cache
def function():
    packed, name = io.BytesIO(), f"ldap-{bed.token()}"
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, BOOTSTRAP.read_text())
    bed.aws("lambda").create_function(
        FunctionName=name, Runtime="provided.al2023", Role=bed.role(name, bed.allow("logs:*")), Handler="bootstrap",
        Timeout=20, Code={"ZipFile": packed.getvalue()},
    )
    return name


class Ldap(unittest.TestCase):
    def setUp(self):
        self.mark = bed.token()
        self.dn = f"CN=ec2-{self.mark[:8]},{settings.COMPUTERS_OU}"
        self.authority = bed.aws("ssm").get_parameter(Name=settings.LDAPS_CA_PARAMETER)["Parameter"]["Value"]
        self.assertTrue(operator().add(self.dn, **computer(f"ec2-{self.mark[:8]}")))

    def invoke(self, *delete, address=MANAGED.dns_addresses[0], seconds=3, **more):
        event = {
            "mark": self.mark, "address": address, "domain": MANAGED.name, "authority": self.authority, "seconds": seconds,
            "user": f"{settings.LEAVE_USER}@{MANAGED.name}", "password": MANAGED.password(state.load(), "leave"),
            "delete": delete,
        }  # fmt: skip
        answer = bed.aws("lambda").invoke(FunctionName=function(), Payload=json.dumps(event | more))
        return json.load(answer["Payload"])

    def fault(self, operation, kind, **more):
        wanted = {"service": "ldap", "operation": operation, "kind": kind, "text": self.mark}
        aws_service.admin("fault", {"declare": wanted | more})
        self.addCleanup(aws_service.admin, "fault", {"clear": self.mark})


class Calls(Ldap):
    def test_each_operation_is_written_down_without_the_password(self):
        before = len(paths.CALLS.read_text().splitlines())
        for address in MANAGED.dns_addresses:
            self.invoke(address=address)
        self.assertEqual(self.invoke(self.dn, self.dn), [0, 0, NO_SUCH_OBJECT])

        lines = [line for line in paths.CALLS.read_text().splitlines()[before:] if f'"{function()}"' in line]
        calls = [json.loads(line) for line in lines if '"service": "ldap"' in line]
        self.assertEqual({call["parameters"]["address"] for call in calls}, set(MANAGED.dns_addresses))
        last = [(call["operation"], call["resource"]) for call in calls[-4:]]
        user = f"{settings.LEAVE_USER}@{MANAGED.name}"
        expected = [("Connect", MANAGED.dc_host), ("Bind", user), ("Delete", self.dn), ("Delete", self.dn)]
        self.assertEqual(last, expected)
        self.assertNotIn(MANAGED.password(state.load(), "leave"), "".join(lines))

    def test_a_wrong_password_is_refused_by_the_domain_controller(self):
        self.assertEqual(self.invoke(password="wrong"), [49])


class Connections(Ldap):
    def test_a_connection_meets_its_fault(self):
        for kind, expected in ("error-before", "ConnectionResetError"), ("garbage", "SSLError"), ("silent", "TimeoutError"):
            self.fault("Connect", kind)
            self.assertEqual(self.invoke(), [expected], kind)
        self.assertEqual(self.invoke(self.dn), [0, 0])


class Operations(Ldap):
    def test_what_is_refused_has_no_effect(self):
        for kind, code in ("error-before", UNAVAILABLE), ("throttle", BUSY):
            self.fault("Delete", kind)
            self.assertEqual(self.invoke(self.dn), [0, code], kind)
            self.assertTrue(is_there(self.dn))
        self.fault("Bind", "throttle")
        self.assertEqual(self.invoke(), [BUSY])
        self.assertEqual(self.invoke(self.dn), [0, 0])

    def test_silence_and_garbage_have_no_effect(self):
        self.fault("Delete", "silent")
        self.assertEqual(self.invoke(self.dn, seconds=1), [0, "TimeoutError"])
        self.fault("Delete", "garbage")
        self.assertEqual(self.invoke(self.dn)[:1], [0])
        self.assertTrue(is_there(self.dn))

    def test_the_effect_is_there_when_the_answer_is_lost(self):
        self.fault("Delete", "lost-answer")
        self.assertEqual(self.invoke(self.dn), [0, ""])
        self.assertFalse(is_there(self.dn))

    def test_the_effect_may_come_late_or_the_answer_be_delayed(self):
        self.fault("Delete", "late-effect", delay_ms=6000)
        self.assertEqual(self.invoke(self.dn), [0, ""])
        self.assertTrue(is_there(self.dn))
        self.assertFalse(until(lambda: is_there(self.dn), lambda there: not there))
        self.fault("Delete", "delay", delay_ms=500)
        began = time.monotonic()
        self.assertEqual(self.invoke(self.dn), [0, NO_SUCH_OBJECT])
        self.assertGreater(time.monotonic() - began, 0.5)

    def test_the_function_is_killed_after_the_effect(self):
        self.fault("Delete", "kill-after")
        self.assertIn("errorType", self.invoke(self.dn))
        self.assertFalse(is_there(self.dn))

    def test_kinds_and_operations_that_there_are_not_are_refused(self):
        for operation, kind in ("Connect", "lost-answer"), ("Delete", "stale-read"):
            with self.assertRaisesRegex(Exception, "no kind of fault of ldap"):
                self.fault(operation, kind)
        with self.assertRaisesRegex(Exception, "no operation Remove"):
            self.fault("Remove", "silent")

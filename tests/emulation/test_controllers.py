"""Connections to the domain controllers at the addresses that DescribeDirectories shows, and the faults that they meet."""

import functools
import io
import json
import random
import time
import unittest
import zipfile
from pathlib import Path

from lab import aws_service, paths
from lab.domains import SIMPLE

from emulation import bed

BOOTSTRAP = Path(__file__).with_name("kerberos_function.py")
# The kernel gives them to nobody who asks for any (ip_local_port_range). Random, since each is taken for a minute afterwards.
PORTS = random.sample(range(61001, 65001), 8)


@functools.cache
def function():
    """The name of a function that talks to domain controllers."""
    packed, name = io.BytesIO(), f"kerberos-{bed.token()}"
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, BOOTSTRAP.read_text())
    bed.aws("lambda").create_function(
        FunctionName=name, Runtime="provided.al2023", Role=bed.role(name, bed.allow("logs:*")), Handler="bootstrap",
        Timeout=20, Code={"ZipFile": packed.getvalue()},
    )
    return name


def invoke(mark, addresses=SIMPLE.dns_addresses[:1], seconds=2, port=0):
    """What came of the connection to each address, from a port or from any, or the error of an invocation that broke."""
    event = {"mark": mark, "realm": SIMPLE.realm, "addresses": list(addresses), "seconds": seconds, "port": port}
    answer = bed.aws("lambda").invoke(FunctionName=function(), Payload=json.dumps(event))
    return json.load(answer["Payload"])


def exchanges(mark, **more):
    """The journal's lines of the connections that the function makes for an event with this text."""
    before = len(paths.CALLS.read_text().splitlines())
    invoke(mark, **more)
    calls = [json.loads(line) for line in paths.CALLS.read_text().splitlines()[before:]]
    return [call for call in calls if call["service"] == "kerberos"]


def marks(mark):
    """The marks of each of these connections."""
    return [call.get("marks") for call in exchanges(mark)]


class Controllers(unittest.TestCase):
    def fault(self, kind, mark, **more):
        wanted = {"service": "kerberos", "operation": "Exchange", "kind": kind, "text": mark}
        aws_service.admin("fault", {"declare": wanted | more})
        self.addCleanup(aws_service.admin, "fault", {"clear": mark})

    def test_each_address_leads_to_the_domain_controller(self):
        described = bed.aws("ds").describe_directories(DirectoryIds=[SIMPLE.directory_id])["DirectoryDescriptions"][0]

        answers = invoke(bed.token(), described["DnsIpAddrs"])

        self.assertEqual(len(answers), 2)
        for answer in answers:
            self.assertTrue(bytes.fromhex(answer), answer)

    def test_a_connection_is_written_down_as_the_functions_call(self):
        (call,) = exchanges(bed.token())
        self.assertEqual((call["operation"], call["principal"], call["resource"]), ("Exchange", function(), SIMPLE.realm))

    def test_a_connection_is_the_functions_also_from_a_port_that_led_elsewhere_before(self):
        for port in PORTS:
            calls = exchanges(bed.token(), addresses=SIMPLE.dns_addresses, port=port)
            self.assertEqual([call["principal"] for call in calls], [function()] * 2, port)

    def test_a_fault_is_met_by_the_connections_for_its_event_only(self):
        mark = bed.token()
        self.fault("error-before", mark, after=1)

        self.assertTrue(bytes.fromhex(invoke(bed.token())[0]))
        first, second = invoke(mark, SIMPLE.dns_addresses)
        self.assertTrue(bytes.fromhex(first))
        self.assertEqual(second, "ConnectionResetError")

    def test_the_connections_for_a_marked_event_are_marked_in_the_journal(self):
        marked, other = bed.token(), bed.token()
        aws_service.admin("mark", {"text": marked})
        self.addCleanup(aws_service.admin, "mark", {"clear": marked})

        self.assertEqual(marks(marked), [[marked]])
        self.assertEqual(marks(other), [None])
        self.assertEqual(marks(f"{other} beside {marked}"), [[marked]])
        aws_service.admin("mark", {"clear": other})
        self.assertEqual(marks(marked), [[marked]])
        aws_service.admin("mark", {"clear": marked})
        self.assertEqual(marks(marked), [None])

    def test_the_empty_text_marks_nothing(self):
        with self.assertRaisesRegex(Exception, "needs a text"):
            aws_service.admin("mark", {"text": ""})

    def test_a_silent_controller_lets_the_client_wait(self):
        mark = bed.token()
        self.fault("silent", mark)

        began = time.monotonic()
        self.assertEqual(invoke(mark, seconds=1), ["TimeoutError"])
        self.assertGreater(time.monotonic() - began, 1)

    def test_garbage_is_an_answer_and_a_lost_answer_is_none(self):
        mark = bed.token()
        self.fault("garbage", mark)
        self.fault("lost-answer", mark)

        garbage, lost = invoke(mark, SIMPLE.dns_addresses)
        self.assertEqual(len(bytes.fromhex(garbage)), 68)
        self.assertEqual(lost, "")

    def test_a_delay_only_delays(self):
        mark = bed.token()
        self.fault("delay", mark, delay_ms=700)

        began = time.monotonic()
        self.assertTrue(bytes.fromhex(invoke(mark)[0]))
        self.assertGreater(time.monotonic() - began, 0.7)

    def test_the_function_is_killed_after_the_controller_has_answered(self):
        mark = bed.token()
        self.fault("kill-after", mark)

        self.assertIn("errorType", invoke(mark))
        self.assertTrue(bytes.fromhex(invoke(mark)[0]))

    def test_kinds_that_a_connection_cannot_meet_are_refused(self):
        for kind in "throttle", "stale-read", "late-effect":
            with self.assertRaisesRegex(Exception, "no kind of fault of kerberos"):
                self.fault(kind, bed.token())
        with self.assertRaisesRegex(Exception, "no kind of fault of ds"):
            aws_service.admin("fault", {"declare": {"service": "ds", "operation": "ResetUserPassword", "kind": "silent"}})

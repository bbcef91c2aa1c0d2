"""Calls to AWS: throttled ones are repeated, lists are read to the end, a denied call names its IAM action."""

import json
import os
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from unittest import mock

from botocore.config import Config

from preflight.account import Account, ApiError, Denied, Unreachable

THROTTLED = (400, {"__type": "ThrottlingException", "message": "Rate exceeded"})
DENIED = (400, {"__type": "AccessDeniedException", "message": "no"})


class AccountTest(unittest.TestCase):
    def setUp(self):
        self.script = []
        script = self.script

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                status, body = script.pop(0)
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        endpoint = f"http://127.0.0.1:{self.server.server_port}"
        environment = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_ENDPOINT_URL": endpoint}
        patched = mock.patch.dict(os.environ, environment)
        patched.start()
        self.addCleanup(patched.stop)
        self.account = Account("eu-west-1")

    def test_a_throttled_call_is_repeated(self):
        self.script += [THROTTLED, THROTTLED, (200, {"DirectoryDescriptions": []})]
        self.assertEqual(self.account.call("ds", "describe_directories")["DirectoryDescriptions"], [])
        self.assertEqual(self.script, [])

    def test_all_pages_of_a_list_are_read(self):
        page = {"DirectoryDescriptions": [{"DirectoryId": "d-1"}], "NextToken": "more"}
        self.script += [(200, page), (200, {"DirectoryDescriptions": [{"DirectoryId": "d-2"}]})]
        found = self.account.items("ds", "describe_directories", "DirectoryDescriptions")
        self.assertEqual([directory["DirectoryId"] for directory in found], ["d-1", "d-2"])

    def test_a_denied_call_names_the_action_as_iam_does(self):
        self.script += [DENIED, DENIED]
        for service, operation, action in (
            ("ds", "describe_directories", "ds:DescribeDirectories"),
            ("stepfunctions", "list_state_machines", "states:ListStateMachines"),
        ):
            with self.assertRaises(Denied) as raised:
                self.account.call(service, operation)
            self.assertEqual(raised.exception.action, action)

    def test_a_directory_that_is_closed_is_not_taken_for_a_missing_permission(self):
        self.script += [(403, DENIED[1] | {"Reason": "DATA_DISABLED"})]
        with self.assertRaises(ApiError) as raised:
            self.account.call("ds-data", "describe_user", DirectoryId="d-9067012345", SAMAccountName="a")
        self.assertNotIsInstance(raised.exception, Denied)
        self.assertEqual(raised.exception.reason, "DATA_DISABLED")

    def test_a_region_that_does_not_answer_is_unreachable(self):
        self.server.shutdown()
        self.server.server_close()
        once = mock.patch("preflight.account.SETTINGS", Config(retries={"total_max_attempts": 1}))
        with once, self.assertRaises(Unreachable):
            self.account.call("ds", "describe_directories")

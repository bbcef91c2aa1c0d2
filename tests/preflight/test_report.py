"""What reaches a terminal."""

import io
import unittest

from preflight.report import Report
from preflight.result import ok, problem


class Terminal(io.StringIO):
    def isatty(self):
        return True


class ReportTest(unittest.TestCase):
    def printed(self, stream, *results):
        report = Report(stream)
        for result in results:
            report.add("trail", result)
        report.end()
        return stream.getvalue()

    def test_colours_go_to_terminals_only(self):
        result = problem("it is off", "aws x")
        self.assertNotIn("\x1b", self.printed(io.StringIO(), result))
        self.assertIn("\x1b[", self.printed(Terminal(), result))

    def test_control_bytes_from_an_account_do_not_reach_the_terminal(self):
        text = self.printed(io.StringIO(), problem("trail \x1b]0;evil\x07 is\r\noff", "aws \x9b2J x"))
        self.assertEqual([character for character in text if character != "\n" and not character.isprintable()], [])

    def test_a_fix_stays_in_one_line_to_be_copied(self):
        fix = "aws " + "word " * 60 + "end"
        self.assertIn(f"fix: {fix}\n", self.printed(Terminal(), problem("wrong", fix)))

    def test_the_end_names_what_is_a_problem(self):
        text = self.printed(io.StringIO(), ok("fine"), problem("wrong", "aws x"))
        self.assertTrue(text.endswith("1 ok, 1 problem\nproblems with: trail\n"), text)

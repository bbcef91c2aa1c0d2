import unittest

from lab.aws import log_patterns

ACCOUNTS = '?">4720<" ?">4722<" ?">4725<" ?">4726<"'


def matches(pattern, message):
    return log_patterns.matcher(pattern)(message)


class Patterns(unittest.TestCase):
    def test_any_term_with_a_question_mark_is_enough(self):
        for number in 4720, 4722, 4725, 4726:
            self.assertTrue(matches(ACCOUNTS, f"<EventID>{number}</EventID>"))
        for other in "<EventID>4738</EventID>", "<EventID>14720</EventID>", "4720", "":
            self.assertFalse(matches(ACCOUNTS, other), other)

    def test_all_plain_terms_must_be_there_in_their_case(self):
        self.assertTrue(matches("ERROR Exception", "[ERROR] an Exception"))
        self.assertFalse(matches("ERROR Exception", "[ERROR] all well"))
        self.assertFalse(matches("ERROR", "[error]"))

    def test_a_phrase_in_quotes_is_one_term(self):
        self.assertTrue(matches('"internal server error"', "an internal server error"))
        self.assertFalse(matches('"internal server error"', "server internal error"))
        self.assertTrue(matches(r'"say \"no\""', 'they say "no"'))

    def test_an_excluded_term_must_not_be_there(self):
        self.assertFalse(matches("ERROR -EXITING", "ERROR EXITING"))
        self.assertTrue(matches("ERROR -EXITING", "ERROR"))

    def test_question_marks_beside_other_terms_are_ignored(self):
        self.assertTrue(matches("?ERROR ?WARN INFO", "INFO"))
        self.assertFalse(matches("?ERROR ?WARN INFO", "ERROR"))

    def test_an_empty_pattern_matches_everything(self):
        self.assertTrue(matches("", "anything"))
        self.assertTrue(matches(" ", ""))

    def test_a_term_with_other_characters_needs_quotes(self):
        for pattern in ">4720<", "?>4720<", 'a"b', '"open', "{ $.id = 4720 }", "[first, second]", "%47[0-9]+%":
            with self.assertRaises(log_patterns.Unreadable, msg=pattern):
                log_patterns.matcher(pattern)

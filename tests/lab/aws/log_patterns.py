"""Filter patterns of CloudWatch Logs for unstructured log events.

Source: CloudWatch Logs User Guide, "Filter pattern syntax", "Using filter patterns to match terms in unstructured log
events": terms are case sensitive; what holds other characters than letters, digits and underscores stands in double quotes;
all plain terms must be there, no `-term` may; any of the `?term`s must be there, but beside other terms they are ignored.
"""

import re

_TERM = re.compile(r'\s*(?P<sign>[?-]?)(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>\w+))(?=\s|$)', re.ASCII)


class Unreadable(ValueError):
    """A pattern that CloudWatch Logs refuses, or that the lab does not know: JSON, space-delimited, regular expressions."""


def matcher(pattern):
    """A function that tells whether a message matches."""
    terms = _terms(pattern.strip())
    wanted, unwanted, any_of = (terms[sign] for sign in ("", "-", "?"))

    def matches(message):
        if any(term in message for term in unwanted) or not all(term in message for term in wanted):
            return False
        return bool(wanted or unwanted or not any_of) or any(term in message for term in any_of)

    return matches


def _terms(pattern):
    terms, at = {"": [], "-": [], "?": []}, 0
    if pattern[:1] in ("{", "[", "%"):
        raise Unreadable(f"the lab knows no such filter pattern, add it in tests/lab/aws/log_patterns.py: {pattern}")
    while at < len(pattern):
        found = _TERM.match(pattern, at)
        if found is None:
            raise Unreadable(f"Invalid character(s) in term '{pattern[at:].split()[0]}'")
        quoted = found["quoted"]
        terms[found["sign"]].append(found["plain"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        at = found.end()
    return terms

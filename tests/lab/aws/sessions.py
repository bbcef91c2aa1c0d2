"""STS AssumeRole: what ministack does not look at.

ministack evaluates the trust policy with sts:ExternalId and narrows the session by its policies. Source of the rest: STS API
Reference, AssumeRole (lengths and patterns; a role's MaxSessionDuration; one hour when the caller is itself a role's session).
"""

from xml.sax.saxutils import escape

import regex

from ministack import app
from ministack.core import router
from ministack.core.responses import get_account_id
from ministack.services import iam

from lab.aws import caller, model, request as requests, validation

CHAINED_SECONDS = 3600
_READ = ("RoleArn", "RoleSessionName", "ExternalId", "DurationSeconds", "Policy")


def install():
    inner = app.SERVICE_HANDLERS["sts"]

    async def handle(method, path, headers, body, query):
        call = requests.describe("sts", method, path, headers, body, query)
        if call.operation == "AssumeRole":
            access_key = router.extract_access_key_id(headers, query)
            if wrong := _problem(call.parameters, caller.of_key(access_key, get_account_id())):
                return _refused(wrong)
        return await inner(method, path, headers, body, query)

    app.SERVICE_HANDLERS["sts"] = handle


def _problem(sent, who):
    given = {name: sent[name] for name in _READ if name in sent}
    seconds = given.get("DurationSeconds", "3600")
    if not str(seconds).isdigit():
        return "DurationSeconds must be a number"
    given["DurationSeconds"] = int(seconds)
    shape = model.input_shape("sts", "AssumeRole")
    found = [f"Value null at '{name}' failed to satisfy constraint: Member must not be null"
             for name in shape.required_members if name not in given]  # fmt: skip
    for name, value in given.items():
        found += validation.problems(value, shape.members[name], name) or _misspelled(value, shape.members[name], name)
    if found:
        return f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected: {'; '.join(found)}"
    role = iam._roles.get_scoped(given["RoleArn"].split(":")[4], None, given["RoleArn"].rpartition("/")[2])
    if given["DurationSeconds"] > int((role or {}).get("MaxSessionDuration", CHAINED_SECONDS)) and role:
        return "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    if given["DurationSeconds"] > CHAINED_SECONDS and who.kind == "AssumedRole":
        return "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
    return None


def _misspelled(value, shape, name):
    """STS holds the whole value to the pattern."""
    pattern = shape.metadata.get("pattern")
    if pattern is None or name == "Policy" or regex.fullmatch(pattern, value):
        return []
    constraint = f"Member must satisfy regular expression pattern: {pattern}"
    return [f"Value '{value}' at '{name}' failed to satisfy constraint: {constraint}"]


def _refused(message):
    error = f"<Error><Type>Sender</Type><Code>ValidationError</Code><Message>{escape(message)}</Message></Error>"
    body = f'<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">{error}</ErrorResponse>'
    return 400, {"Content-Type": "text/xml"}, body.encode()

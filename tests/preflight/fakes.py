"""An account that answers from a table, and the subject around it."""

from types import SimpleNamespace

from preflight.subject import Subject


class FakeAccount:
    """Answers by operation; an answer may be an exception, or a function of the parameters."""

    region, partition = "eu-west-1", "aws"

    def __init__(self, **answers) -> None:
        self.answers = answers

    def call(self, _service, operation, **parameters):
        answer = self.answers[operation]
        if isinstance(answer, Exception):
            raise answer
        return answer(parameters) if callable(answer) else answer

    def items(self, service, operation, member, **parameters):
        yield from self.call(service, operation, **parameters).get(member, [])


def subject(account, parameters=None, directory_id="d-9067012345", **outputs):
    """The subject of a deployed stack."""
    stack = SimpleNamespace(name="adsteward", parameters=parameters or {}, outputs=outputs)
    return Subject(account, stack, directory_id, account_id="111122223333")


def verdicts(answers):
    return [answer.verdict.value for answer in answers]

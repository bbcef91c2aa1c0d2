"""What a check is, and how one is run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from preflight.account import ApiError, Denied, Unreachable
from preflight.result import Result, could_not_check
from preflight.subject import Subject


@dataclass(frozen=True)
class Check:
    """One question. `actions` are the IAM actions that its answer needs."""

    name: str
    ask: Callable[[Subject], Iterator[Result]]
    actions: tuple[str, ...] = ()
    # Whether it is about what the stack has made, and not about what must be there before.
    needs_stack: bool = True

    def answers(self, subject: Subject) -> Iterator[Result]:
        """The check's results; what keeps it from an answer is a result too."""
        try:
            yield from self.ask(subject)
        except Denied as denied:
            yield could_not_check(
                f"these credentials may not call {denied.action}",
                f"allow {denied.action} to {subject.identity}; all that doctor needs: scripts/doctor --policy",
            )
        except Unreachable as unreachable:
            yield could_not_check(f"no answer from {unreachable.action}: {unreachable}")
        except ApiError as error:
            yield could_not_check(f"{error.action} answered {error.code}: {error}")

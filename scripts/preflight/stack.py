"""A deployed stack: its parameters, outputs and resources, and what its functions really run with."""

import functools
from dataclasses import dataclass

from preflight.account import Account, ApiError

RESPONDER = "GuarddutyResponderFunction"


@dataclass(frozen=True)
class Resource:
    logical_id: str
    physical_id: str
    kind: str
    status: str


class Stack:
    def __init__(self, account: Account, description: dict) -> None:
        self._account, self._description = account, description
        self.name: str = description["StackName"]
        self.status: str = description["StackStatus"]
        self.drift: str = description.get("DriftInformation", {}).get("StackDriftStatus", "NOT_CHECKED")
        self.parameters = {p["ParameterKey"]: p.get("ParameterValue", "") for p in description.get("Parameters", [])}
        self.outputs = {o["OutputKey"]: o["OutputValue"] for o in description.get("Outputs", [])}

    @functools.cached_property
    def resources(self) -> list[Resource]:
        found = self._account.items(
            "cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=self.name
        )
        return [
            Resource(r["LogicalResourceId"], r.get("PhysicalResourceId", ""), r["ResourceType"], r["ResourceStatus"])
            for r in found
        ]

    def of_kind(self, kind: str) -> list[Resource]:
        return [r for r in self.resources if r.kind == kind and r.physical_id]

    def physical_id(self, logical_id: str) -> str | None:
        return next((r.physical_id for r in self.resources if r.logical_id == logical_id), None)

    @functools.cached_property
    def configuration(self) -> dict[str, str]:
        """The responder's variables: what decides, whatever the parameters say."""
        name = self.physical_id(RESPONDER)
        if name is None:
            return {}
        answer = self._account.call("lambda", "get_function_configuration", FunctionName=name)
        return answer.get("Environment", {}).get("Variables", {})

    def setting(self, variable: str, parameter: str) -> str:
        """What is in effect: the responder's variable, or the stack's parameter when it has none."""
        return self.configuration.get(variable, self.parameters.get(parameter, ""))


def find(account: Account, name: str) -> Stack | None:
    """The stack of that name; None when there is none."""
    try:
        return Stack(account, account.call("cloudformation", "describe_stacks", StackName=name)["Stacks"][0])
    except ApiError as error:
        if error.code == "ValidationError" and "does not exist" in str(error):
            return None
        raise

"""What is looked at: an account and Region, the directory there, and the stack once it is deployed."""

import functools
import shlex
from dataclasses import dataclass, field

from preflight.account import Account
from preflight.stack import Stack


@dataclass
class Subject:
    """Everything that a check may ask for. `stack` is None before the deployment."""

    account: Account
    stack: Stack | None
    directory_id: str | None
    # Only instances with this tag are looked at: (key, value), a value of None for any.
    instances_tagged: tuple[str, str | None] | None = None
    identity: str = "them"
    account_id: str = ""
    _cache: dict = field(default_factory=dict)

    @functools.cached_property
    def directory(self) -> dict | None:
        """The directory's description, None when it is not in this account and Region."""
        if self.directory_id is None:
            return None
        found = self.account.items("ds", "describe_directories", "DirectoryDescriptions")
        return next((d for d in found if d["DirectoryId"] == self.directory_id), None)

    def aws(self, *words: str) -> str:
        """A command line for a shell, in this Region."""
        return shlex.join(["aws", *words, "--region", self.account.region or "REGION"])

    def deploy(self, **parameters: str) -> str:
        """How to deploy again with other parameters."""
        name = self.stack.name if self.stack else "STACK"
        pairs = " ".join(f"{key}={shlex.quote(value)}" for key, value in parameters.items())
        region = self.account.region
        return (
            f"scripts/build && sam deploy --stack-name {name} --region {region} --capabilities CAPABILITY_IAM --resolve-s3 "
            f"--parameter-overrides {pairs}"
        )

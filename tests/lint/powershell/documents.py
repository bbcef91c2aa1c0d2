"""The PowerShell of a template's SSM documents."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from samtranslator.yaml_helper import yaml_parse
from tree_sitter import Tree

from lint.powershell.tree import parse


@dataclass(frozen=True)
class Script:
    """A script, and what its document says of the parameters that are put into it."""

    document: str
    text: str
    parameters: dict[str, dict]

    @cached_property
    def tree(self) -> Tree:
        return parse(self.text)


def load(template: Path) -> list[Script]:
    resources = yaml_parse(template.read_text())["Resources"].items()
    contents = [(name, each["Properties"]["Content"]) for name, each in resources if each["Type"] == "AWS::SSM::Document"]
    return [
        Script(name, "\n".join(step["inputs"]["runCommand"]), content.get("parameters", {}))
        for name, content in contents
        for step in content["mainSteps"]
        if step["action"] == "aws:runPowerShellScript"
    ]

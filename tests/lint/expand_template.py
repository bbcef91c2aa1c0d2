"""Expand template.yaml to plain CloudFormation, so that cfn-lint sees every resource.

cfn-lint hardly looks inside AWS::Serverless::* resources. The Serverless transform itself, with the
state machine definitions put inline, gives it something to check.
"""

import json
import logging
import os

from samtranslator.parser.parser import Parser
from samtranslator.sdk.resource import SamResourceType
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

CODE_PLACEHOLDER = "s3://not-a-bucket/not-a-key"
# Every role is explicit: a generated role, which would ask for a managed policy, is a mistake.
NO_MANAGED_POLICIES = {}

# It would say that it has metrics which nobody publishes.
logging.getLogger("samtranslator.metrics.metrics").setLevel(logging.ERROR)


def inline_local_files(template, folder):
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == SamResourceType.Function.value:
            properties["CodeUri"] = CODE_PLACEHOLDER
        if resource["Type"] == SamResourceType.StateMachine.value:
            definition = folder / properties.pop("DefinitionUri")
            properties["Definition"] = json.loads(definition.read_text())
    # A global CodeUri would be a local folder too; each function has its placeholder now.
    template.get("Globals", {}).get("Function", {}).pop("CodeUri", None)


def expand(path):
    # The translator asks boto3 for a Region to find the partition.
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")
    template = yaml_parse(path.read_text())
    inline_local_files(template, path.parent)
    return Translator(NO_MANAGED_POLICIES, Parser()).translate(template, parameter_values={})


def write_expanded(template, output):
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(expand(template), indent=1, default=str))

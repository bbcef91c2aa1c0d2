"""Systems Manager: documents and the script that a command makes of one. Commands are in `ssm`.

Sources: Systems Manager User Guide, "SSM document schema features", "Data elements and parameters" (allowedPattern,
interpolation), "Command document plugin reference" (aws:runShellScript); botocore model `ssm`.
"""

import hashlib
import json
import re
from dataclasses import dataclass

import yaml

from lab.aws.modelled import ApiError

# (account, region, name) -> {"name", "format", "type", "versions": [content text], "tags"}
DOCUMENTS = {}

_RUN_SHELL_SCRIPT = {
    "schemaVersion": "1.2",
    "parameters": {
        "commands": {"type": "StringList"},
        "workingDirectory": {"type": "String", "default": ""},
        "executionTimeout": {"type": "String", "default": "3600", "allowedPattern": "^[1-9][0-9]{0,5}$"},
    },
    "mainSteps": [
        {
            "action": "aws:runShellScript",
            "name": "aws:runShellScript",
            "inputs": {
                "runCommand": "{{ commands }}",
                "workingDirectory": "{{ workingDirectory }}",
                "timeoutSeconds": "{{ executionTimeout }}",
            },
        }
    ],
}
AWS_OWNED = {"AWS-RunShellScript": _RUN_SHELL_SCRIPT}

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")


@dataclass(frozen=True)
class Step:
    """One step of a command, ready to run."""

    name: str
    script: str
    timeout: int
    working_directory: str
    # What the document's parameters were given, where a host is emulated that cannot run the script.
    values: dict
    runs_on_linux: bool


def arn(name, account, region):
    """Service Authorization Reference, AWS Systems Manager: resource type `document`."""
    if name.startswith("arn:"):
        return name
    return f"arn:aws:ssm:{region}:{'' if name in AWS_OWNED else account}:document/{name}"


def create(call):
    name, content = call.parameters["Name"], call.parameters["Content"]
    key = (call.account, call.region, name)
    if key in DOCUMENTS:
        raise ApiError("DocumentAlreadyExists", f"Document with name {name} already exists.")
    document = {
        "name": name,
        "format": call.parameters.get("DocumentFormat", "JSON"),
        "type": call.parameters.get("DocumentType", "Command"),
        "versions": [content],
    }
    _parsed(document, content)
    DOCUMENTS[key] = document
    return {"DocumentDescription": _description(call, document)}


def update(call):
    """A new version becomes $LATEST; the content must differ."""
    document = _owned(call)
    if call.parameters["Content"] == document["versions"][-1]:
        raise ApiError("DuplicateDocumentContent", "The content of the association document matches another document.")
    _parsed(document, call.parameters["Content"])
    document["versions"].append(call.parameters["Content"])
    return {"DocumentDescription": _description(call, document)}


def update_default_version(call):
    document = _owned(call)
    document["default"] = int(call.parameters["DocumentVersion"])
    return {"Description": {"Name": document["name"], "DefaultVersion": call.parameters["DocumentVersion"]}}


def delete(call):
    _owned(call)
    del DOCUMENTS[call.account, call.region, call.parameters["Name"]]


def describe(call):
    return {"Document": _description(call, _owned(call))}


def get(call):
    document = _owned(call)
    version = _version(document, call.parameters.get("DocumentVersion", "$DEFAULT"))
    return {
        "Name": document["name"],
        "DocumentVersion": str(version),
        "Status": "Active",
        "Content": document["versions"][version - 1],
        "DocumentType": document["type"],
        "DocumentFormat": document["format"],
    }


def steps(call):
    """The steps of the document that SendCommand names, for any platform, with the given parameters put in."""
    name = call.parameters["DocumentName"].rpartition("document/")[2] or call.parameters["DocumentName"]
    content = AWS_OWNED.get(name)
    if content is None:
        document = DOCUMENTS.get((call.account, call.region, name))
        if document is None or document["type"] != "Command":
            raise ApiError("InvalidDocument", f"Document {name} does not exist in your account.")
        version = _version(document, call.parameters.get("DocumentVersion", "$DEFAULT"))
        content = _parsed(document, document["versions"][version - 1])
    values = _parameter_values(content.get("parameters") or {}, call.parameters.get("Parameters") or {})
    return [_step(step, values) for step in content["mainSteps"]]


def _parameter_values(declared, given):
    """Each given parameter must be declared and fit; InvalidParameters names the first that does not."""
    values = {}
    for name in given:
        if name not in declared:
            raise ApiError("InvalidParameters", f"Parameter {name} is not defined in the document.")
    for name, rules in declared.items():
        value = given.get(name, rules.get("default"))
        if value is None:
            raise ApiError("InvalidParameters", f"Parameter {name} is required.")
        items = value if isinstance(value, list) else [value]
        if rules["type"] != "StringList" and len(items) != 1:
            raise ApiError("InvalidParameters", f"Parameter {name} takes one value.")
        for item in items:
            _check(name, str(item), rules)
        values[name] = [str(item) for item in items]
    return values


def _check(name, value, rules):
    pattern, allowed = rules.get("allowedPattern"), rules.get("allowedValues")
    too_long = len(value) > int(rules.get("maxChars", len(value)))
    too_short = len(value) < int(rules.get("minChars", 0))
    if (pattern and not re.search(pattern, value)) or (allowed and value not in allowed) or too_long or too_short:
        raise ApiError("InvalidParameters", f"Parameter {name} does not match the document's constraints.")


def _step(step, values):
    """Interpolation is textual: `{{ name }}` becomes the value as it is, in any place of the script."""
    inputs = step["inputs"]
    lines = inputs["runCommand"] if isinstance(inputs["runCommand"], list) else [inputs["runCommand"]]
    script = "\n".join(_interpolated(line, values, "\n") for line in lines)
    timeout = int(_interpolated(str(inputs.get("timeoutSeconds") or 3600), values))
    folder = _interpolated(inputs.get("workingDirectory") or "", values)
    return Step(step["name"], script, timeout, folder, values, _runs_on_linux(step))


def _interpolated(text, values, separator=","):
    return _PLACEHOLDER.sub(lambda m: separator.join(values[m[1]]) if m[1] in values else m[0], text)


def _runs_on_linux(step):
    """A step of another platform's plugin or precondition is skipped."""
    condition = (step.get("precondition") or {}).get("StringEquals", ["platformType", "Linux"])
    return step["action"] == "aws:runShellScript" and "Linux" in condition


def _parsed(document, content):
    """The content as an object, if it is a document that Run Command can take."""
    try:
        parsed = yaml.safe_load(content) if document["format"] == "YAML" else json.loads(content)
        assert isinstance(parsed["mainSteps"], list) and all(step["name"] for step in parsed["mainSteps"])
    except (ValueError, KeyError, TypeError, AssertionError, yaml.YAMLError) as error:
        raise ApiError("InvalidDocumentContent", f"The document is not valid: {error}") from error
    return parsed


def _owned(call):
    document = DOCUMENTS.get((call.account, call.region, call.parameters["Name"]))
    if document is None:
        raise ApiError("InvalidDocument", f"Document {call.parameters['Name']} does not exist in your account.")
    return document


def _version(document, wanted):
    latest = len(document["versions"])
    version = {"$LATEST": latest, "$DEFAULT": document.get("default", 1)}.get(wanted) or int(wanted)
    if version > latest:
        raise ApiError("InvalidDocumentVersion", f"Version {wanted} of {document['name']} does not exist.")
    return version


def _description(call, document):
    latest = document["versions"][-1]
    return {
        "Name": document["name"],
        "Owner": call.account,
        "Status": "Active",
        "DocumentVersion": str(len(document["versions"])),
        "LatestVersion": str(len(document["versions"])),
        "DefaultVersion": str(document.get("default", 1)),
        "DocumentType": document["type"],
        "DocumentFormat": document["format"],
        "SchemaVersion": str(_parsed(document, latest).get("schemaVersion", "2.2")),
        "Hash": hashlib.sha256(latest.encode()).hexdigest(),
        "HashType": "Sha256",
        "PlatformTypes": ["Linux"],
    }

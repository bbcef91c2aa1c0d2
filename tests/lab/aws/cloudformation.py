"""CloudFormation: the resource types and properties that ministack lacks and the template uses.

Source: CloudFormation Template Reference, AWS::SSM::Document, AWS::Lambda::Function, AWS::StepFunctions::StateMachine,
AWS::DynamoDB::Table. Fn::Join in conditions: an idiom for "is the list empty" that CloudFormation takes, though its guide
does not list it.
"""

import copy
import json
import uuid

from ministack.core.responses import get_account_id, get_region
from ministack.services import dynamodb, lambda_svc, stepfunctions
from ministack.services.cloudformation import changesets, engine, handlers as calls, provisioners, stacks

from lab.aws import functions
from lab.aws.modelled import Call
from lab.aws.services import ssm_documents


def install():
    for module in (calls, changesets, engine, stacks):
        module._evaluate_conditions = _evaluate_joined
    handlers = provisioners._RESOURCE_HANDLERS
    handlers["AWS::SSM::Document"] = {
        "create": _create_document,
        "update": _update_document,
        "update_with_logical_id": True,
        "delete": _delete_document,
    }
    _complete_after(handlers["AWS::Lambda::Function"], _complete_function)
    _complete_after(handlers["AWS::DynamoDB::Table"], _complete_table)
    _complete_after(handlers["AWS::StepFunctions::StateMachine"], _complete_state_machine)


_evaluate = engine._evaluate_conditions
# Template Reference, "Pseudo parameters".
_PSEUDO_PARAMETERS = {"AWS::AccountId": get_account_id, "AWS::Region": get_region, "AWS::Partition": lambda: "aws"}


def _evaluate_joined(template, params):
    """Conditions in which lists of parameters may be joined, and that ask where the stack is."""
    conditions = _joined(copy.deepcopy(template.get("Conditions", {})), params)
    return _evaluate({**template, "Conditions": conditions}, params)


def _joined(value, params):
    if isinstance(value, list):
        return [_joined(item, params) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("Ref") in _PSEUDO_PARAMETERS:
        return _PSEUDO_PARAMETERS[value["Ref"]]()
    if (arguments := value.get("Fn::Join")) and (listed := params.get(arguments[1].get("Ref"))):
        return arguments[0].join(item.strip() for item in listed["Value"].split(","))
    return {name: _joined(item, params) for name, item in value.items()}


def _complete_after(handlers, complete):
    """Let ministack create or update the resource, then put what it leaves out."""
    create, update = handlers["create"], handlers["update"]

    def create_resource(logical_id, properties, stack):
        physical_id, attributes = create(logical_id, properties, stack)
        complete(physical_id, properties)
        return physical_id, attributes

    def update_resource(physical_id, old, new, *rest):
        physical_id, attributes = update(physical_id, old, new, *rest)
        complete(physical_id, new)
        return physical_id, attributes

    handlers.update(create=create_resource, update=update_resource)


def _complete_function(name, properties):
    """ReservedConcurrentExecutions, VpcConfig and DeadLetterConfig, which Lambda's API of ministack knows; and numbers among
    the variables, which CloudFormation makes texts."""
    function = lambda_svc._functions[name]
    variables = function["config"].get("Environment", {}).get("Variables", {})
    variables.update({key: value if isinstance(value, str) else json.dumps(value) for key, value in variables.items()})
    function["config"]["VpcConfig"] = lambda_svc._vpc_config_with_id(properties.get("VpcConfig"))
    reserved = properties.get("ReservedConcurrentExecutions")
    function["concurrency"] = None if reserved is None else int(reserved)
    if properties.get("DeadLetterConfig"):
        function["config"]["DeadLetterConfig"] = properties["DeadLetterConfig"]
        functions.check_dead_letter_queue(function["config"])
    else:
        function["config"].pop("DeadLetterConfig", None)


def _complete_table(name, properties):
    """PointInTimeRecoverySpecification and SSESpecification, which DynamoDB's API of ministack knows."""
    if (properties.get("SSESpecification") or {}).get("SSEEnabled"):
        dynamodb._tables[name]["SSEDescription"] = dynamodb._sse_description_from_spec({"Enabled": True})
    recovery = properties.get("PointInTimeRecoverySpecification", {"PointInTimeRecoveryEnabled": False})
    enabled = str(recovery["PointInTimeRecoveryEnabled"]).lower() == "true"
    dynamodb._update_continuous_backups(
        {"TableName": name, "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": enabled}}
    )


def _complete_state_machine(arn, properties):
    """LoggingConfiguration and TracingConfiguration as the API spells it, which is how DescribeStateMachine answers."""
    logging = properties.get("LoggingConfiguration")
    if logging:
        stepfunctions._state_machines[arn]["loggingConfiguration"] = _in_camel_case(logging)
    if tracing := properties.get("TracingConfiguration"):
        stepfunctions._state_machines[arn]["tracingConfiguration"] = _in_camel_case(tracing)


def _in_camel_case(value):
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: _in_camel_case(item) for name, item in value.items()}
    return [_in_camel_case(item) for item in value] if isinstance(value, list) else value


def _create_document(logical_id, properties, stack):
    name = properties.get("Name") or f"{stack}-{logical_id}-{uuid.uuid4().hex[:12]}"
    ssm_documents.create(_call("CreateDocument", name, properties))
    return name, {"Name": name}


def _update_document(physical_id, old, new, stack, logical_id):
    """`UpdateMethod: NewVersion` adds a version and makes it the default; otherwise the document is replaced."""
    if new.get("UpdateMethod") != "NewVersion":
        if new.get("Name"):
            raise ValueError(
                f"CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                f"Rename {physical_id} and update the stack again, or set UpdateMethod: NewVersion."
            )
        return _create_document(logical_id, new, stack)
    answer = ssm_documents.update(_call("UpdateDocument", physical_id, new))
    version = answer["DocumentDescription"]["LatestVersion"]
    ssm_documents.update_default_version(
        _call("UpdateDocumentDefaultVersion", physical_id, new, DocumentVersion=version)
    )
    return physical_id, {"Name": physical_id}


def _delete_document(physical_id, _properties):
    ssm_documents.DOCUMENTS.pop((get_account_id(), get_region(), physical_id), None)


def _call(operation, name, properties, **more):
    content = properties["Content"]
    parameters = {
        "Name": name,
        "Content": content if isinstance(content, str) else json.dumps(content),
        "DocumentType": properties.get("DocumentType", "Command"),
        "DocumentFormat": properties.get("DocumentFormat", "JSON"),
    }
    return Call("ssm", operation, parameters | more, get_account_id(), get_region())

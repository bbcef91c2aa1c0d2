"""EventBridge: the policies of event buses, which ministack only knows as single permissions, and what CloudFormation calls
a rule of a bus of one's own: `bus|rule`.

Sources: EventBridge API Reference, PutPermission (`Policy` replaces the whole policy); CloudFormation Template Reference,
AWS::Events::EventBusPolicy (a statement, or Action, Principal and Condition) and AWS::Events::EventBus (`Policy`);
aws-cloudformation/cloudformation-coverage-roadmap, issue 1131 (what Ref returns of such a rule).
"""

import json

from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners


def install():
    put = eventbridge._put_permission

    def put_permission(data):
        if "Policy" not in data:
            return put(data)
        name = data.get("EventBusName", "default")
        try:
            eventbridge._event_bus_policies[name] = _checked(json.loads(data["Policy"]), name)
        except ValueError as wrong:
            body = {"__type": "ValidationException", "message": str(wrong)}
            return 400, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(body).encode()
        return 200, {"Content-Type": "application/x-amz-json-1.1"}, b"{}"

    eventbridge._put_permission = put_permission
    handlers = provisioners._RESOURCE_HANDLERS
    handlers["AWS::Events::EventBusPolicy"] = {
        "create": _create_statement,
        "update": _update_statement,
        "update_with_logical_id": True,
        "delete": _delete_statement,
    }
    _keep_policy(handlers["AWS::Events::EventBus"])
    _name_by_bus(handlers["AWS::Events::Rule"])


def _keep_policy(handlers):
    create = handlers["create"]

    def create_bus(logical_id, properties, stack):
        name, attributes = create(logical_id, properties, stack)
        if properties.get("Policy"):
            eventbridge._event_bus_policies[name] = _checked(properties["Policy"], name)
        return name, attributes

    handlers["create"] = create_bus


def _name_by_bus(handlers):
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]

    def create_rule(logical_id, properties, stack):
        return named(*create(logical_id, properties, stack), properties)

    def update_rule(physical_id, old, new, *rest):
        return named(*update(_own(physical_id), old, new, *rest), new)

    def delete_rule(physical_id, properties):
        return delete(_own(physical_id), properties)

    def named(name, attributes, properties):
        bus, _ = eventbridge._event_bus_name_from_ref(properties.get("EventBusName", "default"))
        return name if bus == "default" else f"{bus}|{name}", attributes

    handlers.update(create=create_rule, update=update_rule, delete=delete_rule)


def _own(physical_id):
    return physical_id.rpartition("|")[2]


def _checked(policy, name):
    """A policy is about its own bus (User Guide, "Permissions for event buses")."""
    own = f"arn:aws:events:{get_region()}:{get_account_id()}:event-bus/{name}"
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    for statement in statements:
        resources = statement.get("Resource", [])
        for resource in resources if isinstance(resources, list) else [resources]:
            if resource != own and not resource.startswith(own.replace("event-bus", "rule")):
                raise ValueError(f"The policy of {own} is about {resource}.")
    return policy | {"Statement": statements}


def _create_statement(_logical_id, properties, _stack):
    name, identifier = properties.get("EventBusName") or "default", properties["StatementId"]
    own = f"arn:aws:events:{get_region()}:{get_account_id()}:event-bus/{name}"
    statement = properties.get("Statement") or _plain(properties, own)
    eventbridge._ensure_default_bus()
    if name not in eventbridge._event_buses:
        raise ValueError(f"Event bus {name} does not exist.")
    known = eventbridge._event_bus_policies.get(name) or {"Version": "2012-10-17", "Statement": []}
    others = [other for other in known["Statement"] if other.get("Sid") != identifier]
    policy = known | {"Statement": [*others, {**statement, "Sid": identifier}]}
    eventbridge._event_bus_policies[name] = _checked(policy, name)
    return f"{name}|{identifier}", {}


def _plain(properties, bus):
    principal = properties.get("Principal", "*")
    statement = {"Effect": "Allow", "Action": properties.get("Action", "events:PutEvents"), "Resource": bus}
    statement["Principal"] = principal if principal == "*" else {"AWS": f"arn:aws:iam::{principal}:root"}
    if condition := properties.get("Condition"):
        statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    return statement


def _update_statement(physical_id, old, new, stack, logical_id):
    _delete_statement(physical_id, old)
    return _create_statement(logical_id, new, stack)


def _delete_statement(physical_id, _properties):
    name, _, identifier = physical_id.partition("|")
    eventbridge._remove_permission({"EventBusName": name, "StatementId": identifier})

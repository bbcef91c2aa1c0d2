"""Subscription filters of log groups with a function as their destination.

Sources: CloudWatch Logs API Reference, PutSubscriptionFilter (two filters for each log group, a readable pattern, a function
that lets itself be invoked); User Guide, "Real-time processing of log data with subscriptions" (CONTROL_MESSAGE, which the
guide tells of streams only: sent to functions too, so that they have to know it); Template Reference,
AWS::Logs::SubscriptionFilter (the log group must exist).
"""

import contextlib

from ministack.core.responses import error_response_json
from ministack.services import cloudwatch_logs
from ministack.services.cloudformation import provisioners

from lab.aws import log_delivery, log_patterns

MOST_FILTERS = 2


def install():
    put, handlers = cloudwatch_logs._put_subscription_filter, provisioners._RESOURCE_HANDLERS["AWS::Logs::SubscriptionFilter"]
    create = handlers["create"]

    def put_subscription_filter(data):
        if wrong := _refusal(data):
            return wrong
        answer = put(data)
        if answer[0] == 200:
            subscription = cloudwatch_logs._log_groups[data["logGroupName"]]["subscriptionFilters"][data["filterName"]]
            if not subscription["roleArn"]:
                del subscription["roleArn"]
            log_delivery.check(subscription)
        return answer

    def create_resource(logical_id, properties, stack):
        if properties.get("LogGroupName") not in cloudwatch_logs._log_groups:
            raise ValueError(f"The specified log group does not exist: {properties.get('LogGroupName')}")
        return create(logical_id, properties, stack)

    cloudwatch_logs._put_subscription_filter = put_subscription_filter
    cloudwatch_logs._fanout_to_subscription_filters = _hand_over
    handlers["create"] = create_resource


def _refusal(data):
    group = cloudwatch_logs._log_groups.get(data.get("logGroupName"))
    if group is None:
        return None  # ministack says so itself
    others = group["subscriptionFilters"].keys() - {data.get("filterName")}
    if len(others) >= MOST_FILTERS:
        return error_response_json("LimitExceededException", "Resource limit exceeded.", 400)
    try:
        log_patterns.matcher(data.get("filterPattern", ""))
    except log_patterns.Unreadable as unreadable:
        return error_response_json("InvalidParameterException", str(unreadable), 400)
    if log_delivery.may_invoke(data.get("destinationArn", ""), data["logGroupName"]):
        return None
    permission = "Make sure you have given CloudWatch Logs permission to execute your function."
    return error_response_json("InvalidParameterException", f"Could not execute the lambda function. {permission}", 400)


def _hand_over(group_name, stream_name, events):
    """Called with all that is put into any log group: no failure may cost the log its events."""
    group = cloudwatch_logs._log_groups.get(group_name) or {}
    for subscription in list((group.get("subscriptionFilters") or {}).values()):
        with contextlib.suppress(log_patterns.Unreadable):  # one that was made past PutSubscriptionFilter
            matches = log_patterns.matcher(subscription["filterPattern"])
            log_delivery.deliver(subscription, stream_name, [event for event in events if matches(event["message"])])

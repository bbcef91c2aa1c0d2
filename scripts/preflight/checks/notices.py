"""Whether anybody reads the notices."""

from preflight.check import Check
from preflight.result import ok, problem


def _subscriptions(subject):
    stack = subject.stack
    topic, wanted = stack.outputs["NotificationTopicArn"], stack.parameters.get("NotificationEmail", "")
    found = list(subject.account.items("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic))
    pending = [s["Endpoint"] for s in found if s["SubscriptionArn"] == "PendingConfirmation"]
    confirmed = [s["Endpoint"] for s in found if s["SubscriptionArn"].startswith("arn:")]
    for endpoint in pending:
        yield problem(
            f"{endpoint} has not confirmed the subscription: it gets no notices",
            f"open the mail 'AWS Notification - Subscription Confirmation' to {endpoint} and follow its link; "
            f"send it anew: {_subscribe(subject, topic, endpoint)}",
        )
    if wanted and wanted not in confirmed + pending:
        yield problem(
            f"the subscription of {wanted} was deleted: it gets no notices", _subscribe(subject, topic, wanted)
        )
    if confirmed:
        yield ok(f"notices go to {', '.join(confirmed)}")
    elif not pending and not wanted:
        yield problem("nobody is subscribed to the notices", _subscribe(subject, topic, "ADDRESS"))


def _subscribe(subject, topic, endpoint):
    return subject.aws(
        "sns", "subscribe", "--topic-arn", topic, "--protocol", "email", "--notification-endpoint", endpoint
    )


CHECKS = (Check("notices", _subscriptions, ("sns:ListSubscriptionsByTopic",)),)

"""SNS: e-mail subscriptions that nobody confirms.

Source: SNS API Reference, ListSubscriptionsByTopic; Developer Guide, "Email notifications": until the recipient follows
the link, a subscription gets nothing and is listed with the ARN `PendingConfirmation`. The lab confirms by itself,
except for addresses whose local part ends in `+unread`.
"""

from ministack.services import sns

UNREAD = "+unread@"
PENDING = "PendingConfirmation"


def install():
    subscribe, listing = sns._subscribe, sns._list_subscriptions_by_topic

    def subscribe_unread(params):
        answer = subscribe(params)
        topic = sns._topic_by_arn_any_scope(sns._p(params, "TopicArn"))
        for subscription in (topic or {}).get("subscriptions", []):
            if _unread(subscription):
                subscription["confirmed"] = False
                subscription["attributes"]["PendingConfirmation"] = "true"
                sns._refresh_subscription_counts(topic)
        return answer

    def list_with_pending(params):
        status, headers, body = listing(params)
        topic = sns._topic_by_arn_any_scope(sns._p(params, "TopicArn"))
        for subscription in (topic or {}).get("subscriptions", []):
            if not subscription["confirmed"]:
                body = body.replace(subscription["arn"].encode(), PENDING.encode())
        return status, headers, body

    sns._subscribe, sns._list_subscriptions_by_topic = subscribe_unread, list_with_pending


def _unread(subscription):
    return subscription["protocol"] in ("email", "email-json") and UNREAD in subscription["endpoint"]

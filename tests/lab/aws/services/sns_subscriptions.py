"""SNS: e-mail subscriptions that nobody confirms, and queues of other accounts.

Source: SNS API Reference, ListSubscriptionsByTopic; Developer Guide, "Email notifications": until the recipient follows
the link, a subscription gets nothing and is listed with the ARN `PendingConfirmation`. The lab confirms by itself,
except for addresses whose local part ends in `+unread`. Developer Guide, "Sending Amazon SNS messages to an Amazon SQS queue in a
different account": who subscribes a queue that is not his own has to wait until its owner confirms what the queue gets.
"""

import json
import uuid

from ministack.core.responses import get_account_id
from ministack.services import sns

from lab.aws import ledger

UNREAD = "+unread@"
PENDING = "PendingConfirmation"


def install():
    subscribe, listing = sns._subscribe, sns._list_subscriptions_by_topic

    def subscribe_unread(params):
        known = {s["arn"] for s in (sns._topic_by_arn_any_scope(sns._p(params, "TopicArn")) or {}).get("subscriptions", [])}
        answer = subscribe(params)
        topic = sns._topic_by_arn_any_scope(sns._p(params, "TopicArn"))
        for subscription in (topic or {}).get("subscriptions", []):
            if _unread(subscription) or (_of_another(subscription) and subscription["arn"] not in known):
                subscription["confirmed"] = False
                subscription["attributes"]["PendingConfirmation"] = "true"
                sns._refresh_subscription_counts(topic)
                if subscription["protocol"] == "sqs":
                    _ask_for_confirmation(subscription)
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


def _of_another(subscription):
    """A queue of an account that is not the subscriber's."""
    return subscription["protocol"] == "sqs" and subscription["endpoint"].split(":")[4] != get_account_id()


def _ask_for_confirmation(subscription):
    topic, token = subscription["topic_arn"], uuid.uuid4().hex
    subscription["token"] = token
    message = {
        "Type": "SubscriptionConfirmation",
        "MessageId": str(uuid.uuid4()),
        "Token": token,
        "TopicArn": topic,
        "Message": f"You have chosen to subscribe to the topic {topic}. To confirm, visit the SubscribeURL in this message.",
        "SubscribeURL": f"https://sns.{topic.split(':')[3]}.amazonaws.com/?Action=ConfirmSubscription&TopicArn={topic}&Token={token}",
        "Timestamp": ledger.now()[:23] + "Z",
    }
    sns._deliver_to_sqs(subscription["endpoint"], json.dumps(message), False, "", topic_arn=topic)

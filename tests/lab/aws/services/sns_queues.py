"""SNS: what a queue does not take goes to the subscription's dead-letter queue at once.

Source: SNS Developer Guide, "Amazon SNS dead-letter queues" (a queue that is gone or denies is a client-side error, which is not
retried; the dead-letter queue must let sns.amazonaws.com in), "Monitoring Amazon SNS topics using CloudWatch" (metrics by
TopicName).
"""

import json

from ministack.services import sns, sqs

from lab.aws import metrics

PRINCIPAL = "sns.amazonaws.com"


def install():
    deliver = sns._deliver_to_sqs

    def deliver_or_redrive(endpoint, envelope, raw, raw_message, **more):
        topic = more.get("topic_arn", "")
        if _takes(endpoint, topic):
            deliver(endpoint, envelope, raw, raw_message, **more)
            return
        _count("NumberOfNotificationsFailed", topic)
        queue = _dead_letter_queue(topic, endpoint)
        if queue is None:
            return
        taken = _takes(queue, topic)
        _count("NumberOfNotificationsRedrivenToDlq" if taken else "NumberOfNotificationsFailedToRedriveToDlq", topic)
        if taken:
            deliver(queue, envelope, raw, raw_message, **more)

    sns._deliver_to_sqs = deliver_or_redrive


def _takes(queue, topic):
    """False for a queue that is not there, too."""
    return sqs.queue_policy_allows(queue, PRINCIPAL, topic, topic.split(":")[4])


def _dead_letter_queue(topic, endpoint):
    for subscription in (sns._topic_by_arn_any_scope(topic) or {}).get("subscriptions", []):
        if subscription["endpoint"] == endpoint and subscription["attributes"].get("RedrivePolicy"):
            return json.loads(subscription["attributes"]["RedrivePolicy"])["deadLetterTargetArn"]
    return None


def _count(metric, topic):
    metrics.count("AWS/SNS", metric, TopicName=topic.rpartition(":")[2])

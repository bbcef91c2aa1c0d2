"""SNS e-mail: what a subscriber finds in his mailbox is written to mail.jsonl.

Sources: SNS Developer Guide, "Email notifications" (the default subject), API Reference Publish (rules of Subject).
The lab confirms e-mail subscriptions by itself: nobody can click the link.
"""

import json
import re

from ministack.services import sns

from lab.aws import ledger

DEFAULT_SUBJECT = "AWS Notification Message"


def install():
    """Deliver to e-mail subscriptions too, and refuse subjects that SNS refuses."""
    fanout, publish = sns._fanout, sns.publish_internal

    def fanout_with_mail(topic_arn, msg_id, message, subject, structure="", attributes=None, *rest, **more):
        fanout(topic_arn, msg_id, message, subject, structure, attributes, *rest, **more)
        for subscription in (sns._topic_by_arn_any_scope(topic_arn) or {}).get("subscriptions", []):
            if subscription["protocol"] in ("email", "email-json") and subscription["confirmed"]:
                text = sns._resolve_message_for_protocol(message, structure, subscription["protocol"])
                if sns._matches_filter_policy(subscription, attributes or {}, text):
                    _deliver(subscription, topic_arn, msg_id, subject, text)

    def publish_checked(topic_arn, message, subject="", *rest, **more):
        if subject and not _valid_subject(subject):
            raise sns.SnsPublishError("InvalidParameter", "Invalid parameter: Subject")
        return publish(topic_arn, message, subject, *rest, **more)

    sns._fanout, sns.publish_internal = fanout_with_mail, publish_checked


def _valid_subject(subject):
    """ASCII text that begins with a letter, number or punctuation mark, without line breaks or control characters."""
    return len(subject) < 100 and re.fullmatch(r"[!-~][ -~]*", subject) is not None


def _deliver(subscription, topic_arn, message_id, subject, text):
    if subscription["protocol"] == "email-json":
        text = json.dumps({"Type": "Notification", "MessageId": message_id, "TopicArn": topic_arn, "Message": text})
    ledger.record_mail(subscription["endpoint"], topic_arn, subject or DEFAULT_SUBJECT, text)

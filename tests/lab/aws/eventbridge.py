"""Events as AWS services publish them on their account's default bus."""

import uuid

from ministack.core.responses import request_scope
from ministack.services import eventbridge

from lab.aws import ledger


def publish(event: dict, account: str, region: str) -> None:
    """Put an event on the default bus of an account and Region exactly as given, `aws.*` sources too."""
    with request_scope(account, region):
        record = eventbridge._event_from_test_payload(event) | {"EventBusName": "default"}
        eventbridge._events_log_list().append(record)
        eventbridge._dispatch_event(record)
        eventbridge._archive_event(record)


def service_event(source, detail_type, detail, account, region, resources=()):
    """Publish what a service says of itself."""
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": ledger.now()[:19] + "Z",
        "region": region,
        "resources": list(resources),
        "detail": detail,
    }
    publish(event, account, region)

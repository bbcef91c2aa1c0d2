"""The domain controller's security log on its way to CloudWatch Logs.

Source: Directory Service Administration Guide, "Enabling Amazon CloudWatch Logs log forwarding for AWS Managed Microsoft AD"
(AWS Managed Microsoft AD only; the log group's resource policy lets ds.amazonaws.com create streams and put events).
Assumed, for nothing tells: one event's XML is one log event, it has the event's time, and a domain controller's stream is
named as the domain controller.
"""

import itertools
import logging
import threading
import time

from ministack.core.responses import request_scope
from ministack.services import cloudwatch_logs

from lab import settings
from lab.aws import active_directory, log_policies
from lab.aws.security_log import accounts, audit, events, search, subscriptions, xml
from lab.directory import server
from lab.domains import MANAGED

POLL_SECONDS = 0.1
START_SECONDS = 60
COMPUTER = f"DC1.{MANAGED.name}"

log = logging.getLogger("lab.aws")


class Forwarder:
    """Reads the stream of one domain controller and numbers its events, which goes on over resets."""

    def __init__(self):
        self._lock = threading.Lock()
        self._stream = audit.Stream(server.audit_log(MANAGED))
        self._records = itertools.count(1)
        self._log = None

    def begin(self):
        """What has happened until now is nobody's news: the directory is as it is."""
        deadline = time.monotonic() + START_SECONDS
        with self._lock:
            while True:
                self._stream.skip()
                try:
                    self._log = events.Log(MANAGED, accounts.Accounts(search.Directory(MANAGED)))
                except active_directory.Unavailable:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(POLL_SECONDS)
                else:
                    return

    def follow(self):
        while True:
            time.sleep(POLL_SECONDS)
            try:
                self._forward()
            except Exception:
                log.exception("events of the security log are lost")

    def _forward(self):
        with self._lock:
            found = [event for change in self._stream.changes() for event in self._events(change)]
            rendered = [(event, xml.render(event, next(self._records), COMPUTER)) for event in found]
        if rendered:
            with request_scope(settings.ACCOUNT_ID, settings.REGION):
                _put([{"timestamp": int(event.at.timestamp() * 1000), "message": text} for event, text in rendered])

    def _events(self, change):
        try:
            return self._log.of(change)
        except Exception:  # such as an object that cannot be found any more: the others' events go on
            log.exception("no event for the %s of %s", change.operation, change.dn)
            return []


_forwarder = Forwarder()


def serve():
    """Follow the directory from now on, once it answers."""
    subscriptions.subscribe_as_documented()
    _forwarder.begin()
    threading.Thread(target=_forwarder.follow, daemon=True).start()


def reset():
    """After the directory went back to its snapshot."""
    _forwarder.begin()


def _put(found):
    """To the log group that the directory is subscribed to, as long as the service may write there."""
    subscription = subscriptions.of_directory(MANAGED.directory_id)
    if subscription is None:
        return
    group = subscription["LogGroupName"]
    if group not in cloudwatch_logs._log_groups or not log_policies.allow_writing(group, subscriptions.PRINCIPAL):
        log.warning("%s may not write to %s: %d events are lost", subscriptions.PRINCIPAL, group, len(found))
        return
    where = {"logGroupName": group, "logStreamName": COMPUTER}
    if COMPUTER not in cloudwatch_logs._log_groups[group]["streams"]:
        cloudwatch_logs._create_log_stream(where)
    cloudwatch_logs._put_log_events({**where, "logEvents": found})

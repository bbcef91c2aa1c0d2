"""What tests of the directory's security log share."""

import xml.etree.ElementTree as ElementTree

from lab.domains import MANAGED

from emulation.bed import aws, token
from emulation.logs_bed import LogCase, until

GROUP = f"/aws/directoryservice/{MANAGED.directory_id}"
COMPUTER = "DC1.corp.example.test"
NAMESPACE = "{http://schemas.microsoft.com/win/2004/08/events/event}"


def parsed(message):
    root = ElementTree.fromstring(message)
    system = {child.tag.removeprefix(NAMESPACE): child.text for child in root[0]}
    data = {child.get("Name"): child.text for child in root[1]}
    return {"id": int(system["EventID"]), "record": int(system["EventRecordID"]), "computer": system["Computer"]} | data


class SecurityLogCase(LogCase):
    def setUp(self):
        super().setUp()
        self.ds, self.data = aws("ds"), aws("ds-data")
        self.name = f"u{token()[:8]}"
        self.user = {"DirectoryId": MANAGED.directory_id, "SAMAccountName": self.name}

    def events(self, name=None):
        pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP)
        found = [parsed(event["message"]) for page in pages for event in page["events"]]
        wanted = name or self.name
        return [event for event in found if wanted in (event.get("TargetUserName"), event.get("NewTargetUserName"))]

    def logged(self, count, name=None):
        """The numbers of the events of the test's user, once there are so many."""
        found = until(lambda: self.events(name), lambda found: len(found) >= count)
        return [event["id"] for event in sorted(found, key=lambda event: event["record"])]

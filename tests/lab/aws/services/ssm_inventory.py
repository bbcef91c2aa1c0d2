"""Systems Manager: which instances its agent has reported from.

Sources: Systems Manager API Reference (DescribeInstanceInformation, InstanceInformation, its two kinds of filters,
which exclude each other; 5 to 50 results on a page); botocore model `ssm`.
"""

import datetime
import time

from lab import settings
from lab.aws.modelled import ApiError
from lab.aws.services import ec2, tools_host

# Filter key -> the member that it is compared with.
FILTERS = {
    "InstanceIds": "InstanceId",
    "PingStatus": "PingStatus",
    "PlatformTypes": "PlatformType",
    "AgentVersion": "AgentVersion",
    "ResourceType": "ResourceType",
}
DEFAULT_PAGE = 50


def describe(call):
    """Instances whose agent has reported; a stopped one has lost its connection."""
    filters = _filters(call)
    found = []
    for instance in ec2.visible(call.account, call.region):
        ready = instance.get("agent_ready_at")
        if instance["state"] == "terminated" or ready is None or ready > time.time():
            continue
        information = _information(call, instance)
        if all(_value(information, instance, key) in values for key, values in filters):
            found.append(information)
    return _page(call, found)


def _value(information, instance, key):
    tag = key.removeprefix("tag:")
    return information[FILTERS[key]] if tag == key else instance["tags"].get(tag)


def _filters(call):
    by_string = [(f["Key"], f["Values"]) for f in call.parameters.get("Filters", [])]
    by_list = [(f["key"], f["valueSet"]) for f in call.parameters.get("InstanceInformationFilterList", [])]
    if by_string and by_list:
        raise ApiError("ValidationException", "Filters and InstanceInformationFilterList cannot be used together.")
    filters = by_string + by_list
    if unknown := [key for key, _ in filters if key not in FILTERS and not key.startswith("tag:")]:
        raise ApiError("InvalidFilterKey", f"The filter key {unknown[0]} is not one that this lab knows.")
    return filters


def _information(call, instance):
    online = ec2.agent_answers(instance["id"], call.account, call.region)
    is_windows = tools_host.is_one(instance["id"], call.account, call.region)
    return {
        "InstanceId": instance["id"],
        "PingStatus": "Online" if online else "ConnectionLost",
        "LastPingDateTime": datetime.datetime.now(datetime.UTC),
        "AgentVersion": "3.3.2746.0",
        "IsLatestVersion": True,
        "PlatformType": "Windows" if is_windows else "Linux",
        "PlatformName": "Microsoft Windows Server 2022 Datacenter" if is_windows else "Amazon Linux",
        "PlatformVersion": "10.0.20348" if is_windows else "2023",
        "ResourceType": "EC2Instance",
        "IPAddress": instance["ip"],
        "ComputerName": _computer_name(instance),
    }


def _computer_name(instance):
    """The fully qualified host name: joined, in the domain; otherwise as EC2's DNS has it."""
    domain = settings.DOMAIN if instance["joined"] else f"{instance['region']}.compute.internal"
    return f"{instance['hostname']}.{domain}"


def _page(call, found):
    """The next token is the number of the first result on the next page."""
    token = call.parameters.get("NextToken", "0")
    if not token.isascii() or not token.isdigit():
        raise ApiError("InvalidNextToken", "The specified token isn't valid.")
    start, size = int(token), call.parameters.get("MaxResults", DEFAULT_PAGE)
    answer = {"InstanceInformationList": found[start : start + size]}
    if start + size < len(found):
        answer["NextToken"] = str(start + size)
    return answer

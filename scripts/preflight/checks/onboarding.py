"""Onboarding: that the directory's security log reaches the stack, and that the stack knows the directory by its names."""

from preflight.account import ApiError
from preflight.check import Check
from preflight.result import notice, ok, problem, warning

FILTER = "DirectoryLogFilter"
# CloudWatch Logs User Guide, "CloudWatch Logs quotas": of a log group, and no request raises it.
MOST_FILTERS = 2
# Directory Service Data, "Quotas"; an onboarding reads twice, and others read too.
READS = {"Standard": 8, "Enterprise": 16}
READS_EACH = 2


def log_group(subject):
    """The log group that the stack reads; None without a stack, or when it onboards nobody."""
    return (subject.stack.parameters.get("DirectoryLogGroupName") if subject.stack else None) or None


def _forwarded(subject):
    wanted = log_group(subject)
    if subject.directory is None or (subject.stack and wanted is None):
        if subject.stack:
            yield notice("the stack onboards nobody (DirectoryLogGroupName is not given)")
        return
    subscriptions = subject.account.items(
        "ds", "list_log_subscriptions", "LogSubscriptions", DirectoryId=subject.directory_id
    )
    forwarded = [s["LogGroupName"] for s in subscriptions if s.get("DirectoryId") == subject.directory_id]
    if not forwarded:
        group = wanted or f"/aws/directoryservice/{subject.directory_id}"
        missing = "the directory forwards its security log to no log group"
        if wanted is None:
            yield notice(f"{missing}: needed to onboard users", _forward(subject, group))
        else:
            yield problem(f"{missing}: nobody is onboarded or off-boarded", _forward(subject, group))
        return
    if wanted and wanted not in forwarded:
        yield problem(
            f"the directory forwards its security log to {forwarded[0]}, not to {wanted}: nobody is onboarded",
            subject.deploy(DirectoryLogGroupName=forwarded[0]),
        )
        return
    group = wanted or forwarded[0]
    if not _exists(subject, group):
        yield problem(
            f"the log group {group} is gone, to which the directory forwards its security log",
            subject.aws("logs", "create-log-group", "--log-group-name", group),
        )
        return
    yield ok(f"the directory forwards its security log to {group}")


def _forward(subject, group):
    """Directory Service Administration Guide, "Enabling log forwarding": the group, its policy, the subscription."""
    create = subject.aws("logs", "create-log-group", "--log-group-name", group)
    first = "" if _exists(subject, group) else f"{create} && "
    policy = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ds.amazonaws.com"},'
        '"Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":'
        f'"arn:{subject.account.partition}:logs:{subject.account.region}:{subject.account_id}:log-group:{group}:*"'
        "}]}"
    )
    allow = subject.aws(
        "logs", "put-resource-policy", "--policy-name", "DSLogSubscription", "--policy-document", policy
    )
    subscribe = subject.aws(
        *("ds", "create-log-subscription", "--directory-id", subject.directory_id, "--log-group-name", group)
    )
    return f"{first}{allow} && {subscribe}"


def _exists(subject, group):
    found = subject.account.items("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=group)
    return any(each["logGroupName"] == group for each in found)


def _filtered(subject):
    group = log_group(subject)
    if group is None:
        return
    try:
        filters = list(
            subject.account.items("logs", "describe_subscription_filters", "subscriptionFilters", logGroupName=group)
        )
    except ApiError as error:
        if error.code != "ResourceNotFoundException":
            raise
        return  # told already
    ours = subject.stack.physical_id(FILTER)
    found = next((f for f in filters if f["filterName"] == ours), None)
    others = [f["filterName"] for f in filters if f is not found]
    function = subject.stack.outputs.get("StarterFunctionName", "")
    again = "sam deploy with the filter taken out of template.yaml, then again with it"
    if found is None and len(others) >= MOST_FILTERS:
        yield problem(
            f"{group} has no filter of the stack, and with {' and '.join(others)} no room for one",
            subject.aws("logs", "delete-subscription-filter", "--log-group-name", group, "--filter-name", others[0])
            + f"   # or another one that can be done without; then {again}",
        )
    elif found is None:
        yield problem(f"the subscription filter of the stack on {group} is gone: nobody is onboarded", again)
    elif found["destinationArn"].rpartition(":")[2] != function:
        yield problem(f"the subscription filter {ours} leads to {found['destinationArn']}, not to {function}", again)
    else:
        yield ok(f"the filter {ours} is one of {len(filters)} on {group}, of {MOST_FILTERS} at most")


def _names(subject):
    """What is compared with each event: with a wrong name, every event is another domain's."""
    if log_group(subject) is None or subject.directory is None:
        return
    parameters, wrong = subject.stack.parameters, False
    for parameter, attribute in (("DirectoryDomainName", "Name"), ("DirectoryNetbiosName", "ShortName")):
        given, known = parameters.get(parameter, ""), subject.directory.get(attribute) or ""
        if known and given.lower() != known.lower():
            wrong = True
            yield problem(
                f"{parameter} is {given}, but the directory's is {known}: nobody is onboarded",
                subject.deploy(**{parameter: known}),
            )
    if not wrong:
        yield ok(f"the names of the domain are {parameters['DirectoryDomainName']} and {parameters['DirectoryNetbiosName']}")


def _pace(subject):
    if log_group(subject) is None or subject.directory is None:
        return
    parameters, found = subject.stack.parameters, []
    reads = READS.get(subject.directory.get("Edition", ""), READS["Standard"])
    if READS_EACH * float(parameters.get("OnboardingsPerSecond", "2")) > reads:
        found.append(
            warning(
                f"{parameters['OnboardingsPerSecond']} onboardings a second read the directory more often than the {reads} "
                "times that its edition allows",
                subject.deploy(OnboardingsPerSecond=str(reads // READS_EACH // 2)),
            )
        )
    if float(parameters.get("OffboardKeepDays", "30")) < 7:
        found.append(
            warning(
                f"the WorkSpace of a leaver is terminated after {parameters['OffboardKeepDays']} days, with all that is on it",
                subject.deploy(OffboardKeepDays="30"),
            )
        )
    if float(parameters.get("OffboardGraceSeconds", "3600")) < 300:
        found.append(
            notice(
                f"who is disabled by mistake loses his accounts after {parameters['OffboardGraceSeconds']} s",
                subject.deploy(OffboardGraceSeconds="3600"),
            )
        )
    yield from found or [ok("the pace of onboarding and the times of off-boarding are sane")]


CHECKS = (
    Check("security log", _forwarded, ("ds:ListLogSubscriptions", "logs:DescribeLogGroups"), needs_stack=False),
    Check("log filter", _filtered, ("logs:DescribeSubscriptionFilters",)),
    Check("domain names", _names, ("ds:DescribeDirectories",)),
    Check("onboarding pace", _pace, ("ds:DescribeDirectories",)),
)

"""CloudWatch metrics that alarms of the template watch and ministack does not publish.

Sources: CloudWatch User Guide, "Specification: Embedded metric format"; Step Functions Developer Guide, "Execution
metrics"; EventBridge User Guide, "Monitoring" (FailedInvocations by RuleName, and by EventBusName for other
buses than the default one); SQS Developer Guide, "Available CloudWatch
metrics"; Lambda Developer Guide, "Types of metrics for Lambda functions". ministack publishes AWS/Lambda for the Invoke API only,
and not when Step Functions or a queue calls.
"""

import json
import logging
import time

from ministack.services import cloudwatch, lambda_svc, sqs, stepfunctions

MOST_METRICS = 100
STATUS_METRICS = {
    "RUNNING": "ExecutionsStarted",
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}

log = logging.getLogger("lab.aws")


def install():
    """Look at what functions log, and at what becomes of executions."""
    emit_logs, emit_status = lambda_svc._emit_lambda_logs, stepfunctions._emit_execution_status_event

    def emit_lambda_logs(func, request_id, log_text, error, duration_ms, **more):
        """Every invocation comes here, whoever called."""
        emit_logs(func, request_id, log_text, error, duration_ms, **more)
        name = {"FunctionName": (func.get("config") or func)["FunctionName"]}
        cloudwatch.record_metric("AWS/Lambda", "Invocations", 1, "Count", name)
        cloudwatch.record_metric("AWS/Lambda", "Errors", 1 if error else 0, "Count", name)
        cloudwatch.record_metric("AWS/Lambda", "Duration", duration_ms, "Milliseconds", name)
        for line in (log_text or "").splitlines():
            _read_line(line)

    def emit_execution_status_event(execution):
        emit_status(execution)
        count("AWS/States", STATUS_METRICS[execution["status"]], StateMachineArn=execution["stateMachineArn"])

    def emit_lambda_metrics(function_name, duration_ms, error, throttle):
        """What remains: a function that was not run. Invoke reports it once more, with a duration."""
        if throttle and not duration_ms:
            count("AWS/Lambda", "Throttles", FunctionName=function_name)

    lambda_svc._emit_lambda_logs, lambda_svc._emit_lambda_metrics = emit_lambda_logs, emit_lambda_metrics
    stepfunctions._emit_execution_status_event = emit_execution_status_event


def count(namespace, metric, **dimensions):
    """One more of something."""
    cloudwatch.record_metric(namespace, metric, 1, "Count", dimensions)


def sample_queues():
    """What SQS publishes each minute of each queue."""
    now = time.time()
    for queue in list(sqs._queues.values()):
        sqs._dlq_sweep(queue)
        sqs._refresh_counts(queue)
        name = {"QueueName": queue["attributes"]["QueueArn"].rpartition(":")[2]}
        visible = int(queue["attributes"]["ApproximateNumberOfMessages"])
        oldest = max((now - message["sent_at"] for message in queue["messages"]), default=0)
        cloudwatch.record_metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", visible, "Count", name)
        cloudwatch.record_metric("AWS/SQS", "ApproximateAgeOfOldestMessage", oldest, "Seconds", name)


def _read_line(line):
    """A line in the embedded metric format becomes metrics; one that only looks like it is said to be none."""
    if '"_aws"' not in line:
        return
    try:
        document = json.loads(line)
        points = [point for directive in document["_aws"]["CloudWatchMetrics"] for point in _points(document, directive)]
        if not isinstance(document["_aws"]["Timestamp"], int):
            raise TypeError("Timestamp is not a number of milliseconds")
    except (ValueError, KeyError, TypeError) as wrong:
        log.error("no embedded metric format (%s): %s", wrong, line)
        return
    for point in points:
        cloudwatch.record_metric(*point)


def _points(document, directive):
    """(namespace, name, value, unit, dimensions) for each metric and each set of dimensions."""
    if len(directive["Metrics"]) > MOST_METRICS:
        raise ValueError(f"more than {MOST_METRICS} metrics")
    for names in directive["Dimensions"]:
        dimensions = {name: document[name] for name in names}
        if not all(isinstance(value, str) and value for value in dimensions.values()):
            raise TypeError("a dimension is not a text")
        for metric in directive["Metrics"]:
            value = float(document[metric["Name"]])
            yield directive["Namespace"], metric["Name"], value, metric.get("Unit", "None"), dimensions

"""What Lambda does with a function's role, and what a function's policy allows: ministack does both without asking.

Sources: Lambda Developer Guide, "Using Lambda with Amazon SQS" (permissions of the execution role: ReceiveMessage,
DeleteMessage, GetQueueAttributes), "Sending logs to CloudWatch Logs" (CreateLogGroup, CreateLogStream, PutLogEvents),
"Resource-based policies", "Adding a dead-letter queue".
"""

import contextvars
import datetime
import logging

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs, lambda_svc, sqs

from lab.aws import caller, ledger, model, roles
from lab.aws.request import Request

PRINCIPAL = "lambda.amazonaws.com"

log = logging.getLogger("lab.aws")
# (function, queue ARN) of the batch that runs in this context.
_batch = contextvars.ContextVar("batch")


def install():
    """Evaluate the function's role for what Lambda does around the function."""
    _install_queue_reading()
    _install_logging()


def policy_allows(function_arn, service, source_arn):
    """Whether the function's policy lets a service invoke it on behalf of `source_arn`."""
    document = policy(function_arn)
    if document is None:
        return False
    context = iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="lambda:InvokeFunction",
        resource_arn=function_arn,
        region=get_region(),
        service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": get_account_id()},
    )
    return iam_evaluator.evaluate_resource_policy(document, context, service=service).decision == "Allow"


def policy(function_arn):
    """The function's resource-based policy; None without one."""
    found = lambda_svc.function_policy_for_arn(function_arn)
    return None if found is None else found[0]


def check_dead_letter_queue(config):
    """What CreateFunction checks (API Reference, DeadLetterConfig; Developer Guide, "Adding a dead-letter queue")."""
    target = config["DeadLetterConfig"]["TargetArn"]
    if ":sqs:" in target and denied(config, "sqs:SendMessage", target):
        raise ValueError("The provided execution role does not have permissions to call SendMessage on SQS")


def _install_queue_reading():
    concurrency, run, delete = lambda_svc._sqs_esm_concurrency, lambda_svc._run_sqs_batch, sqs._delete_messages_for_esm

    def sqs_esm_concurrency(esm, func_rec, config, queue=None):
        """Asked before each look into a queue: whoever may not receive gets no batch."""
        arn = esm["EventSourceArn"]
        refused = [denied(config, f"sqs:{name}", arn) for name in ("ReceiveMessage", "GetQueueAttributes")]
        if any(refused):
            esm["LastProcessingResult"] = "PROBLEM: the function's role may not read the queue"
            return 0
        return concurrency(esm, func_rec, config, queue)

    def run_sqs_batch(esm, func_rec, *rest):
        token = _batch.set((func_rec["config"], esm["EventSourceArn"]))
        try:
            run(esm, func_rec, *rest)
        finally:
            _batch.reset(token)

    def delete_messages(queue_url, receipt_handles):
        """What may not be deleted comes again after its visibility time-out."""
        config, queue_arn = _batch.get()
        if not denied(config, "sqs:DeleteMessage", queue_arn):
            delete(queue_url, receipt_handles)

    lambda_svc._sqs_esm_concurrency, lambda_svc._run_sqs_batch = sqs_esm_concurrency, run_sqs_batch
    sqs._delete_messages_for_esm = delete_messages


def _install_logging():
    emit = lambda_svc._emit_lambda_logs

    def emit_lambda_logs(func, *rest, **options):
        """A function runs without logs when its role may not write them."""
        config = func.get("config") or func
        name = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
        group = f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{name}"
        stream = f"{group}:log-stream:{datetime.datetime.now(datetime.UTC):%Y/%m/%d}/[{config.get('Version', '$LATEST')}]"
        wanted = [("logs:CreateLogStream", stream), ("logs:PutLogEvents", stream)]
        if name not in cloudwatch_logs._log_groups:
            wanted.insert(0, ("logs:CreateLogGroup", group))
        if not any(denied(config, action, resource) for action, resource in wanted):
            emit(func, *rest, **options)

    lambda_svc._emit_lambda_logs = emit_lambda_logs


def denied(config, action, resource):
    """Evaluate the function's role; a denial is written down as the call that Lambda could not make."""
    refusal = roles.denial(config["Role"], PRINCIPAL, action, resource, get_region())
    if refusal:
        service, _, operation = action.partition(":")
        shape = model.input_shape(service, operation)
        who = caller.of_role(config["Role"], config["FunctionName"], PRINCIPAL)
        ledger.record_call(Request(service, operation, {}, shape), who.arn, resource, "AccessDeniedException")
        log.warning("%s: %s", config["FunctionName"], refusal)
    return refusal

"""Step Functions behaviour that ministack lacks.

Sources: Step Functions API Reference, StartExecution (idempotency); Developer Guide, "Handling errors" (retriers,
States.ALL), "Integrating services" (the machine's role).
"""

import contextvars
import random
from dataclasses import dataclass

from ministack.core.responses import get_region
from ministack.services import stepfunctions

from lab.aws import callback, caller, execution, faults, history, ledger, machine_faults, model, roles
from lab.aws.request import Request

PRINCIPAL = "states.amazonaws.com"

# (execution, attempt, state) of the Task that runs in this context.
_task = contextvars.ContextVar("task")


@dataclass(frozen=True)
class Integration:
    """A service integration: the call it makes, the IAM action, the argument that names the resource, its denial."""

    service: str
    operation: str
    action: str
    resource_member: str
    denied: str


_INTEGRATIONS = {
    "arn:aws:states:::lambda:invoke": Integration(
        "lambda", "Invoke", "lambda:InvokeFunction", "FunctionName", "Lambda.AWSLambdaException"
    ),
    "arn:aws:states:::sns:publish": Integration(
        "sns", "Publish", "sns:Publish", "TopicArn", "SNS.AuthorizationErrorException"
    ),
}
# The part of its time that a retry takes while retries are quick.
QUICK = 0.2
# Errors that neither States.ALL nor States.TaskFailed matches.
_NEVER_CAUGHT_BY_ALL = ("States.Runtime", "States.DataLimitExceeded")

_retries_are_quick = False


def set_quick_retries(on):
    global _retries_are_quick
    _retries_are_quick = on


def install():
    """Wrap the interpreter's functions; each wrapper is one behaviour."""
    stepfunctions._run_execution = execution.run
    history.install()
    callback.install(invoke_for_callback)
    _install_idempotency()
    _install_retries()
    _install_role()


def _install_idempotency():
    start = stepfunctions._start_execution

    def start_execution(data):
        """The same name and input while the execution runs answers as the first call did."""
        machine_arn = stepfunctions._resolve_state_machine_arn(data.get("stateMachineArn", ""))
        machine = stepfunctions._state_machines.get(machine_arn)
        if machine and data.get("name"):
            arn = machine["stateMachineArn"].replace(":stateMachine:", ":execution:") + ":" + data["name"]
            running = stepfunctions._executions.get(arn)
            if running and running["status"] == "RUNNING" and running["input"] == data.get("input", "{}"):
                return stepfunctions.json_response({"executionArn": arn, "startDate": running["startDate"]})
        return start(data)

    stepfunctions._start_execution = start_execution


def _install_retries():
    find, matches = stepfunctions._find_matching_retrier, stepfunctions._error_matches

    def find_retrier(retriers, error, counts):
        """MaxDelaySeconds limits the delay, JitterStrategy FULL draws it between 0 and the delay."""
        retrier, index = find(retriers, error, counts)
        if retrier is None:
            return retrier, index
        delay = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** counts.get(index, 0)
        delay = min(delay, retrier.get("MaxDelaySeconds", delay))
        if retrier.get("JitterStrategy") == "FULL":
            delay = random.uniform(0, delay)
        delay *= QUICK if _retries_are_quick else 1
        return {**retrier, "IntervalSeconds": delay, "BackoffRate": 1}, index

    def error_matches(error_equals, error):
        if error in _NEVER_CAUGHT_BY_ALL:
            return error in error_equals
        return matches(error_equals, error)

    stepfunctions._find_matching_retrier, stepfunctions._error_matches = find_retrier, error_matches


def _install_role():
    execute, invoke = stepfunctions._execute_task, stepfunctions._invoke_resource

    def execute_task(state, raw_input, running, ctx):
        if isinstance(state.get("TimeoutSeconds"), str):
            seconds = stepfunctions._jsonata_state_field(state, "TimeoutSeconds", "number", raw_input, ctx)
            state = {**state, "TimeoutSeconds": seconds}
        token = _task.set((running, running["redriveCount"], state))
        try:
            return execute(state, raw_input, running, ctx)
        finally:
            _task.reset(token)

    def invoke_resource(resource, input_data):
        """What has ended calls nothing more; what the lab cannot evaluate with the role it does not run."""
        running, attempt, state = _task.get()
        if not execution.is_current(running, attempt):
            raise stepfunctions._ExecutionError("States.Runtime", "the execution has ended")
        history.task_started(running, state, input_data)
        integration = _INTEGRATIONS.get(resource)
        if integration is None:
            raise stepfunctions._ExecutionError(
                "States.Runtime", f"the lab cannot evaluate the role for {resource}: see tests/lab/aws/stepfunctions.py"
            )
        return _call(running, integration, invoke, resource, input_data)

    stepfunctions._execute_task, stepfunctions._invoke_resource = execute_task, invoke_resource


def invoke_for_callback(resource, input_data):
    """The call of a Task that then waits for its token."""
    running, attempt, _ = _task.get()
    stepfunctions._invoke_resource(resource, input_data)
    return lambda: execution.is_current(running, attempt)


def _call(running, integration, invoke, resource, input_data):
    """Evaluate the machine's role for the call, write the call down, make it."""
    machine = stepfunctions._state_machines[running["stateMachineArn"]]
    target = input_data.get(integration.resource_member, "")
    denied = roles.denial(
        machine["roleArn"], PRINCIPAL, integration.action, target, get_region(), machine["stateMachineArn"]
    )
    who = caller.of_role(machine["roleArn"], running["name"][:64], PRINCIPAL)
    shape = model.input_shape(integration.service, integration.operation)
    request = Request(integration.service, integration.operation, input_data, shape)
    event = machine_faults.event(running, request)
    fault = faults.due(request, event)
    refusal = machine_faults.refusal(fault, integration.service)
    error = "AccessDeniedException" if denied else refusal and refusal[0]
    ledger.record_call(request, who.arn, target, error, fault, event)
    if denied or refusal:
        raise stepfunctions._ExecutionError(*(refusal if not denied else (integration.denied, denied)))
    return machine_faults.meet(fault, integration.service, lambda: _invoke(invoke, resource, input_data))


def _invoke(invoke, resource, input_data):
    try:
        return invoke(resource, input_data)
    except stepfunctions._ExecutionError as error:
        if error.error == "Lambda.Unknown" and "TooManyRequestsException" in str(error.cause):
            raise stepfunctions._ExecutionError("Lambda.TooManyRequestsException", error.cause) from error
        raise

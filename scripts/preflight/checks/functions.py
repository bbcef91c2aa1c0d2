"""Lambda: each function can run, and there is room for it."""

from preflight.check import Check
from preflight.result import ok, problem, warning

# Service Quotas, AWS Lambda: "Concurrent executions".
CONCURRENCY_QUOTA = "L-B99A9384"
ENOUGH = 50


def _functions(subject):
    functions = subject.stack.of_kind("AWS::Lambda::Function")
    wrong = [result for function in functions for result in _judge(subject, function.physical_id)]
    yield from wrong or [ok(f"{len(functions)} functions are active")]


def _judge(subject, name):
    found = subject.account.call("lambda", "get_function_configuration", FunctionName=name)
    again = "sam deploy   # puts the function's code and settings in place again"
    if found.get("State") == "Pending":
        yield warning(f"function {name} is being set up", "scripts/doctor   # again, in a minute")
    elif found.get("State", "Active") not in ("Active", "Inactive"):
        yield problem(f"function {name} is {found['State']}: {found.get('StateReason', 'no reason given')}", again)
    if found.get("LastUpdateStatus", "Successful") == "Failed":
        yield problem(
            f"the last change of function {name} failed: {found.get('LastUpdateStatusReason', 'no reason given')}",
            again,
        )
    concurrency = subject.account.call("lambda", "get_function_concurrency", FunctionName=name)
    if concurrency.get("ReservedConcurrentExecutions") == 0:
        yield problem(
            f"function {name} is throttled to nothing (reserved concurrency 0)",
            subject.aws("lambda", "delete-function-concurrency", "--function-name", name),
        )


def _room(subject):
    limit = subject.account.call("lambda", "get_account_settings")["AccountLimit"]
    free, total = limit["UnreservedConcurrentExecutions"], limit["ConcurrentExecutions"]
    if free >= ENOUGH:
        yield ok(f"{free} of {total} concurrent executions are not reserved by other functions")
    else:
        yield warning(
            f"only {free} of {total} concurrent executions are left for functions without a reservation",
            subject.aws(
                "service-quotas",
                "request-service-quota-increase",
                "--service-code",
                "lambda",
                "--quota-code",
                CONCURRENCY_QUOTA,
                "--desired-value",
                "1000",
            ),
        )


CHECKS = (
    Check("functions", _functions, ("lambda:GetFunctionConfiguration", "lambda:GetFunctionConcurrency")),
    Check("Lambda quota", _room, ("lambda:GetAccountSettings",), needs_stack=False),
)

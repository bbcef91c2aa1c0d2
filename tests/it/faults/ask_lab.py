"""AWS operations as the lab's operator, and the lab's own, asked for as JSON lines: a command line for each is slow."""

import contextlib
import io
import json
import os
import sys

import awscli.clidriver
import botocore.config
import botocore.exceptions

from lab import aws_service, client

_clients = {}


def main():
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line)), default=str), flush=True)


def _answer(request):
    if "lab" in request:
        return {"answer": aws_service.admin(request["lab"], request["body"])}
    if "command line" in request:
        return _command_line(request["command line"], request["variables"])
    try:
        call = getattr(_client(request["service"]), request["method"])
        answer = call(**request["parameters"])
    except botocore.exceptions.ClientError as error:
        return {"error": error.response["Error"]["Code"], "headers": error.response["ResponseMetadata"]["HTTPHeaders"]}
    except botocore.exceptions.HTTPClientError as error:
        return {"error": type(error).__name__, "headers": {}}
    answer.pop("ResponseMetadata", None)
    return {"answer": answer}


def _command_line(arguments, variables):
    """What `aws` prints with these variables: to start it costs more than what it does."""
    before, printed, complaint = dict(os.environ), io.StringIO(), io.StringIO()
    os.environ.update(variables)
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complaint):
            code = awscli.clidriver.create_clidriver().main(arguments)
    except SystemExit as ended:
        code = ended.code
    finally:
        os.environ.clear()
        os.environ.update(before)
    return {"code": code, "printed": printed.getvalue(), "complaint": complaint.getvalue()}


def _client(service):
    """One attempt: who asks wants to see the fault."""
    if service not in _clients:
        once = botocore.config.Config(retries={"total_max_attempts": 1})
        _clients[service] = client.client(service, config=once)
    return _clients[service]


main()

"""AWS operations as the lab's operator, and the lab's own, asked for as JSON lines: a command line for each is slow."""

import json
import sys

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
    try:
        call = getattr(_client(request["service"]), request["method"])
        answer = call(**request["parameters"])
    except botocore.exceptions.ClientError as error:
        return {"error": error.response["Error"]["Code"], "headers": error.response["ResponseMetadata"]["HTTPHeaders"]}
    except botocore.exceptions.HTTPClientError as error:
        return {"error": type(error).__name__, "headers": {}}
    answer.pop("ResponseMetadata", None)
    return {"answer": answer}


def _client(service):
    """One attempt: who asks wants to see the fault."""
    if service not in _clients:
        once = botocore.config.Config(retries={"total_max_attempts": 1})
        _clients[service] = client.client(service, config=once)
    return _clients[service]


main()

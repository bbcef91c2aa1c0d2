#!/usr/bin/python3
"""The `bootstrap` of a function that binds to a domain controller by LDAPS and deletes objects, and answers what came of each."""

import json
import os
import socket
import ssl
import urllib.request

RUNTIME = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
SEQUENCE, INTEGER, STRING, BIND, SIMPLE, DELETE = 0x30, 0x02, 0x04, 0x60, 0x80, 0x4A


def ber(tag, *parts):
    content = b"".join(parts)
    length = len(content).to_bytes(2, "big")
    return bytes([tag, 0x82]) + length + content


def ask(connection, number, request):
    """The result code of the answer; "" when the connection ends instead."""
    connection.sendall(ber(SEQUENCE, ber(INTEGER, bytes([number])), request))
    answer = connection.recv(4096)
    # LDAPMessage, id, then the operation whose first element is the code: lengths are short or long, so look for it.
    code = answer.find(b"\x0a\x01")
    if code > 0 and answer[0] == SEQUENCE:
        return answer[code + 2]
    return "garbage" if answer else ""


def talk(event):
    context = ssl.create_default_context(cadata=event["authority"])
    results = []
    try:
        with (
            socket.create_connection((event["address"], 636), timeout=event["seconds"]) as plain,
            context.wrap_socket(plain, server_hostname=event["domain"]) as connection,
        ):
            name, password = ber(STRING, event["user"].encode()), ber(SIMPLE, event["password"].encode())
            results.append(ask(connection, 1, ber(BIND, ber(INTEGER, b"\3"), name, password)))
            for number, dn in enumerate(event["delete"], 2):
                results.append(ask(connection, number, ber(DELETE, dn.encode())))
    except OSError as error:
        results.append(type(error).__name__)
    return results


while True:
    with urllib.request.urlopen(f"{RUNTIME}/next") as invocation:
        name, event = invocation.headers["Lambda-Runtime-Aws-Request-Id"], json.load(invocation)
    answer = json.dumps(talk(event)).encode()
    urllib.request.urlopen(urllib.request.Request(f"{RUNTIME}/{name}/response", answer, method="POST"))

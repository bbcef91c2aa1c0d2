"""Which process of a function makes a call, and which event it serves.

Each process gets an AWS_SDK_UA_APP_ID of its own, which the SDKs send in the User-Agent as `app/ID` (AWS SDKs and Tools
Reference Guide, "Application ID").
"""

import base64
import contextlib
import contextvars
import gzip
import json
import os
import re
import socket
import struct
import uuid
import weakref
import zlib
from pathlib import Path

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

_APP = re.compile(r"\bapp/(lab-[0-9a-f]{12})\b")

_spawning = contextvars.ContextVar("spawning", default=None)
_workers = weakref.WeakValueDictionary()


class Process:
    """A function's process as long as it is the one that its worker runs."""

    def __init__(self, worker, name):
        self._worker, self._name = worker, name

    @property
    def event(self):
        """The event that it serves, as JSON text."""
        return getattr(self._worker, "lab_event", "")

    @property
    def function(self):
        return self._worker.func_name

    @property
    def pid(self):
        """None when it has ended."""
        process = self._worker._proc
        return process.pid if process is not None and self._worker.lab_name == self._name else None

    def kill(self):
        """SIGKILL: what is done is done, and nothing more is answered or logged."""
        process = self._worker._proc
        if process is not None and self._worker.lab_name == self._name:
            process.kill()


def install():
    """Name the processes, and note what they serve."""
    spawn, invoke = lambda_runtime.ProvidedWorker._spawn, lambda_runtime.ProvidedWorker.invoke
    environment = lambda_svc._provided_worker_env

    def spawn_named(self, *arguments, **more):
        token = _spawning.set(self)
        try:
            return spawn(self, *arguments, **more)
        finally:
            _spawning.reset(token)

    def named_environment(config, code_dir, port):
        variables = environment(config, code_dir, port)
        if worker := _spawning.get():
            worker.lab_name = f"lab-{uuid.uuid4().hex[:12]}"
            _workers[worker.lab_name] = worker
            variables["AWS_SDK_UA_APP_ID"] = worker.lab_name
        return variables

    def invoke_noted(self, event, request_id, **more):
        self.lab_event = _text(event)
        return invoke(self, event, request_id, **more)

    lambda_runtime.ProvidedWorker._spawn = spawn_named
    lambda_runtime.ProvidedWorker.invoke = invoke_noted
    lambda_svc._provided_worker_env = named_environment


def _text(event):
    """What can be looked for: log events are packed."""
    if isinstance(event, dict) and isinstance(event.get("awslogs"), dict):
        with contextlib.suppress(KeyError, TypeError, ValueError, EOFError, OSError, zlib.error):
            return gzip.decompress(base64.b64decode(event["awslogs"]["data"])).decode()
    return json.dumps(event)


def calling(headers):
    """The process that a request comes from, None when it is no function's."""
    agent = f"{headers.get('user-agent', '')} {headers.get('x-amz-user-agent', '')}"
    found = _APP.search(agent)
    worker = _workers.get(found[1]) if found else None
    return Process(worker, found[1]) if worker is not None else None


def connecting(client, server):
    """The process that a connection inside the lab comes from, its own or a program's that it runs; None when it is no
    function's. An end is (address, port)."""
    inode = _socket(client, server)
    processes = [Process(worker, name) for name, worker in list(_workers.items())]
    running = [process for process in processes if inode and process.pid]
    return next((process for process in running if any(inode in _sockets(pid) for pid in _family(process.pid))), None)


def _socket(client, server):
    """The inode of the client's socket (proc(5), /proc/net/tcp: little-endian address, port in hex).

    Its own end alone would not tell: the same port may have led elsewhere, and such a connection stays in the table for a
    minute after its end.
    """
    ends = [f"{struct.unpack('<I', socket.inet_aton(address))[0]:08X}:{port:04X}" for address, port in (client, server)]
    with open("/proc/net/tcp") as table:
        return next((fields[9] for fields in map(str.split, table) if fields[1:3] == ends), None)


def _family(pid):
    """The process and its descendants (proc(5), /proc/PID/task/TID/children)."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # the thread may end meanwhile
            for child in children.read_text().split():
                yield from _family(child)


def _sockets(pid):
    found = set()
    with contextlib.suppress(OSError):  # the process may end meanwhile
        for name in os.listdir(f"/proc/{pid}/fd"):
            target = os.readlink(f"/proc/{pid}/fd/{name}")
            found.add(target.removeprefix("socket:[").removesuffix("]"))
    return found

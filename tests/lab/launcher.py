"""Start the supervisor: `up` keeps a lifeline to it until all is well, so that an interrupted `up` leaves nothing."""

import json
import os
import socket
import subprocess
import sys

from lab import namespaces, paths
from lab.errors import LabError
from lab.progress import say

UNSHARE = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


class Launch:
    """A supervisor on its way. Leaving the `with` block by an exception cuts the lifeline: the supervisor ends."""

    def __enter__(self) -> "Launch":
        for folder in (paths.LOGS, paths.INSTANCES, paths.CACHE):  # made here, so that they are the caller's, not root's
            folder.mkdir(parents=True, exist_ok=True)
        with open(paths.LOGS / "supervisor.log", "ab") as log:
            command = ["env", f"PYTHONPATH={paths.PACKAGE.parent}", str(paths.PYTHON), "-m", "lab.launcher"]
            self.process = subprocess.Popen(namespaces.as_root(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=log, start_new_session=True, text=True, bufsize=1)
        return self

    def wait_until_ready(self) -> None:
        """Show the supervisor's progress until it says that the lab is up."""
        for line in self.process.stdout:
            message = json.loads(line)
            if "progress" in message:
                say(message["progress"])
            elif "failed" in message:
                raise LabError(message["failed"])
            elif "ready" in message:
                return
        raise LabError(f"the supervisor ended while starting; see {paths.LOGS / 'supervisor.log'}")

    def release(self) -> None:
        """Let the supervisor live on without us."""
        try:
            self.process.stdin.write("keep\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise LabError(f"the supervisor has ended; see {paths.LOGS / 'supervisor.log'}") from None

    def __exit__(self, kind, *_rest) -> None:
        self.process.stdin.close()
        self.process.stdout.close()
        if kind is not None:
            self.process.wait()


def main() -> None:
    """As root, in the host's network: open the endpoint's socket, then become the supervisor in new namespaces."""
    namespaces.clear_login_uid()
    endpoint = socket.socket()
    endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    endpoint.bind(("127.0.0.1", 0))
    endpoint.listen(256)
    endpoint.set_inheritable(True)
    os.execvp(UNSHARE[0], [*UNSHARE, sys.executable, "-m", "lab.supervisor", str(endpoint.fileno())])


if __name__ == "__main__":
    main()

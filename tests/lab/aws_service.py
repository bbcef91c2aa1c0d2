"""The lab's AWS as a service of the supervisor: `python -m lab.aws`, listening on the endpoint's port."""

import asyncio
import json
import urllib.error
import urllib.request

from lab import paths, state
from lab.errors import LabError
from lab.service import Service

START_SECONDS = 60
ADMIN_SECONDS = 60


def present() -> bool:
    return (paths.PACKAGE / "aws" / "__main__.py").exists()


def service(port: int) -> Service:
    return Service("aws", lambda: [str(paths.PYTHON), "-m", "lab.aws"], lambda: _healthy(port))


def admin(path: str, body: dict | None = None) -> dict:
    """What the lab's own side door of the endpoint answers, such as `/_lab/reset`."""
    request = urllib.request.Request(
        f"{state.running()['endpoint']}/_lab/{path}", data=json.dumps(body or {}).encode(),
        headers={"Content-Type": "application/json"}, method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=ADMIN_SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise LabError(json.load(error)["error"]) from None
    except (urllib.error.URLError, TimeoutError) as error:
        raise LabError(f"the lab's AWS did not take /_lab/{path}: {error}; see {paths.LOGS / 'aws.log'}") from None


async def _healthy(port: int) -> None:
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await asyncio.to_thread(_answers, port):
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise LabError(f"AWS did not start within {START_SECONDS} s; see {paths.LOGS / 'aws.log'}") from None


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_lab/health", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False

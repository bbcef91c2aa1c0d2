"""The environment that ministack starts with: nothing of the caller's, so that no setting or secret slips in."""

import os

from lab import paths, settings

# ministack's own switches; see its app.py, core/persistence.py and services/lambda_svc.py.
SCRATCH = paths.RUN / "aws"


def clean(port: int) -> dict[str, str]:
    """Loopback only, IAM evaluated, the lab's account and region; AWS_ENDPOINT_URL is what Lambda functions call."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "HOME": str(SCRATCH),
        "TMPDIR": str(SCRATCH),
        "PYTHONPATH": str(paths.PACKAGE.parent),
        paths.VARIABLE: paths.NAME,
        "STATE_DIR": str(SCRATCH / "state"),
        "S3_DATA_DIR": str(SCRATCH / "s3"),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "false",
        "SFTP_ENABLED": "false",
        "LOG_LEVEL": "INFO",
        "MINISTACK_ACCOUNT_ID": settings.ACCOUNT_ID,
        "MINISTACK_REGION": settings.REGION,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_DEFAULT_REGION": settings.REGION,
        "AWS_ACCESS_KEY_ID": settings.ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": settings.SECRET_ACCESS_KEY,
    }


def replace(port: int) -> None:
    """Make `clean` this process's environment; to be called before ministack is imported."""
    wanted = clean(port)
    SCRATCH.mkdir(parents=True, exist_ok=True)
    os.environ.clear()
    os.environ.update(wanted)


def install_lambda_environment() -> None:
    """A function's process gets what Lambda gives it, and not this process's environment.

    Source: Lambda Developer Guide, "Defined runtime environment variables". LANG, PATH and TZ stay, as there.
    """
    from ministack.services import lambda_svc

    whole = lambda_svc._provided_worker_env

    def build(config, code_dir, port):
        own = (config.get("Environment") or {}).get("Variables") or {}
        inherited = set(os.environ) - {"PATH", "LANG", "TZ"} - set(own)
        return {
            key: value
            for key, value in whole(config, code_dir, port).items()
            if key not in inherited or key.startswith("AWS_")
        }

    lambda_svc._provided_worker_env = build

"""Start the lab's AWS on the endpoint's port: `python -m lab.aws`."""

import asyncio
import importlib
import resource
import sys

from lab import state
from lab.aws import environment

SERVICES = (
    "ds_data", "ds", "ssm", "guardduty", "stepfunctions", "service_quotas", "sqs", "secretsmanager", "workspaces", "connect",
)  # fmt: skip


def main():
    """The environment first: ministack reads it when it is imported."""
    port = state.load()["port"]
    environment.replace(port)
    sys.stdout.reconfigure(line_buffering=True)
    from lab.aws import hooks

    hooks.verify()
    _extend()
    asyncio.run(_serve(port))


def _extend():
    from lab import settings
    from lab.aws import access, admin, alarms, asynchronous, cloudformation, cloudtrail, faults, functions, gateway, ledger
    from lab.aws import event_buses, joining, log_subscriptions, metrics, organization, secret_resources, sessions, trusted_forest
    from lab.aws import stale_stores, stepfunctions, targets, usage, workers
    from lab.aws.services import dynamodb_tables, sns_mail, sns_queues, sns_subscriptions, stepfunctions as redrive

    access.install()
    gateway.install()
    stale_stores.install()
    for name in SERVICES:
        service = importlib.import_module(f"lab.aws.services.{name}").SERVICE
        access.register(service)
        gateway.register(service, access.authorize_further(service))
    extensions = (admin, faults, cloudformation, dynamodb_tables, sns_mail, sns_subscriptions, stepfunctions, redrive)
    extensions += (targets, workers, functions, metrics, alarms, usage, secret_resources, asynchronous, log_subscriptions)
    extensions += (organization, sessions, event_buses, sns_queues)
    for extension in extensions:
        extension.install()
    environment.install_lambda_environment()
    cloudtrail.make_trail(settings.ACCOUNT_ID, settings.REGION)
    organization.provide()
    joining.provide()
    trusted_forest.provide()
    ledger.clear()


async def _serve(port):
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack import app

    from lab.aws import controllers
    from lab.aws.security_log import forwarding

    listening = await controllers.serve()
    await asyncio.to_thread(forwarding.serve)
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    await serve(app.app, config)
    for server in listening:
        server.close()


main()

"""boto3 clients for the running lab, with its root credentials."""

import boto3

from lab import state


def client(service: str, account: str | None = None, region: str | None = None, config=None):
    """ministack takes a 12-digit access key for that account's root."""
    running = state.running()
    return boto3.client(
        service,
        config=config,
        endpoint_url=running["endpoint"],
        region_name=region or running["region"],
        aws_access_key_id=account or running["access_key_id"],
        aws_secret_access_key=running["secret_access_key"],
    )

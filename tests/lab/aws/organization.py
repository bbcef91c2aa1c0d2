"""The organization: which accounts are in it, and the condition keys that tell of it.

Source: IAM User Guide, "AWS global condition context keys" (aws:PrincipalOrgID, aws:ResourceOrgID, aws:SourceOrgID; for sessions
of a role aws:PrincipalArn is the role's ARN, without its path where it cannot be known).
"""

from ministack.core import iam_evaluator
from ministack.core.responses import request_scope
from ministack.services import iam, organizations

from lab import settings


def install():
    known = iam_evaluator._resolve_condition_key

    def resolve(key, context):
        name = key.lower()
        if name == "aws:principalarn" and context.principal_type == "AssumedRole":
            return role_arn(context.principal_arn)
        if name == "aws:resourceorgid":
            return of_account(iam_evaluator._account_from_arn(context.resource_arn) or context.principal_account)
        if name == "aws:sourceorgid":
            return of_account(context.service_context.get("aws:sourceaccount"))
        return known(key, context)

    iam_evaluator._resolve_condition_key = resolve


def of_account(account):
    """The account's organization; None for one that is in none."""
    return (organizations._orgs.get_scoped(account, None, "self") or {}).get("Id")


def role_arn(session_arn):
    account, name = session_arn.split(":")[4], session_arn.split("/")[1]
    role = iam._roles.get_scoped(account, None, name)
    return role["Arn"] if role else f"arn:aws:iam::{account}:role/{name}"


def provide():
    """One organization, whose accounts all know it; any other account is in none."""
    with request_scope(settings.ACCOUNT_ID, settings.REGION):
        organizations._ensure_org()
        organization = organizations._orgs["self"]
        organization["Id"] = settings.ORGANIZATION_ID
        arn = f"arn:aws:organizations::{settings.ACCOUNT_ID}:organization/{settings.ORGANIZATION_ID}"
        organization["Arn"] = arn
    for account in settings.ORGANIZATION_ACCOUNTS:
        organizations._orgs.set_scoped(account, None, "self", organization)

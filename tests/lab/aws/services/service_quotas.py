"""Service Quotas: the few quotas that a preflight asks for, as a new account has them.

Sources: Service Quotas API Reference (ListServiceQuotas, GetServiceQuota), botocore model `service-quotas`; values from
AWS Lambda, "Lambda quotas", and AWS Step Functions, "Service quotas". The code and spelling of the latter are made up.
"""

from lab.aws.modelled import ApiError, Service

# service code -> (quota code, name, value, adjustable)
QUOTAS = {
    "lambda": [("L-B99A9384", "Concurrent executions", 1000, True)],
    "states": [("L-00000001", "Open executions", 1_000_000, True)],
}


def _list(call):
    return {"Quotas": [_shown(call, *quota) for quota in _of(call)]}


def _get(call):
    wanted = call.parameters["QuotaCode"]
    for quota in _of(call):
        if quota[0] == wanted:
            return {"Quota": _shown(call, *quota)}
    raise ApiError("NoSuchResourceException", f"The quota {wanted} does not exist.")


def _of(call):
    code = call.parameters["ServiceCode"]
    if code not in QUOTAS:
        raise ApiError("NoSuchResourceException", f"The service {code} does not exist.")
    return QUOTAS[code]


def _shown(call, code, name, value, adjustable):
    service = call.parameters["ServiceCode"]
    return {
        "ServiceCode": service,
        "ServiceName": service,
        "QuotaArn": f"arn:aws:servicequotas:{call.region}:{call.account}:{service}/{code}",
        "QuotaCode": code,
        "QuotaName": name,
        "Value": float(value),
        "Unit": "None",
        "Adjustable": adjustable,
        "GlobalQuota": False,
    }


SERVICE = Service(
    name="servicequotas",
    operations={"ListServiceQuotas": _list, "GetServiceQuota": _get},
    # Service Authorization Reference: both have a resource type, which a policy of `*` covers.
    resource=lambda call: "*",
    invalid_request_error="IllegalArgumentException",
)

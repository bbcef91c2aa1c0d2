"""The lab's AWS: ministack in this process, extended with the services and rules it lacks.

Modules, in reading order: `environment` and `hooks` (how ministack is started, what is relied on), `gateway` (every API
call passes here), `model`, `validation`, `wire`, `conformance` (botocore's service models), `modelled` (a service of
ours), `access` and `roles` (IAM), `ledger` (calls and mail), `cloudtrail`, `eventbridge` and `targets`,
`stepfunctions`, `cloudformation`, `admin` and `reset` (the `/_lab/*` HTTP API), `services/` (one file per AWS service).
"""

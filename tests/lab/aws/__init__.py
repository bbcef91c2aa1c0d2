"""The lab's AWS: ministack in this process, extended with the services and rules it lacks.

Modules, in reading order: `environment` and `hooks` (how ministack is started and what is relied on), `model`,
`validation`, `wire` (botocore's service models), `modelled` (a service of ours), `gateway` (every API call passes here),
`access` (IAM), `ledger` (calls and mail), `cloudtrail`, `eventbridge`, `stepfunctions`, `cloudformation`, `admin`
(the `/_lab/*` HTTP API) and `services/` (one file per AWS service).
"""

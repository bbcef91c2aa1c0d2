"""One file for each subject. The order is the order of the report: first what the rest depends on."""

from preflight.checks import (
    alarms,
    deployment,
    directory,
    findings,
    functions,
    instances,
    notices,
    protection,
    queues,
    reach,
    rules,
    switch,
    table,
    trail,
    workflows,
)

CHECKS = (
    *directory.CHECKS,
    *trail.CHECKS,
    *findings.CHECKS,
    *instances.CHECKS,
    *reach.CHECKS,
    *deployment.CHECKS,
    *switch.CHECKS,
    *notices.CHECKS,
    *protection.CHECKS,
    *rules.CHECKS,
    *queues.CHECKS,
    *functions.CHECKS,
    *workflows.CHECKS,
    *table.CHECKS,
    *alarms.CHECKS,
)

"""alarms."""

import argparse
import json

from lab import aws_service, state


def register(subparsers: argparse._SubParsersAction) -> None:
    alarms = subparsers.add_parser("alarms", help="evaluate all CloudWatch alarms now, and act; each as a JSON line")
    alarms.add_argument("--state", choices=("ALARM", "OK", "INSUFFICIENT_DATA"), help="print only these")
    alarms.set_defaults(run=run_alarms)


def run_alarms(arguments: argparse.Namespace) -> int:
    state.running()
    for alarm in aws_service.admin("alarms")["alarms"]:
        if arguments.state in (None, alarm["state"]):
            print(json.dumps(alarm))
    return 0

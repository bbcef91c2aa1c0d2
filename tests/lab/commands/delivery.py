"""delivery."""

import argparse

from lab import aws_service, state
from lab.cli import print_json


def register(subparsers: argparse._SubParsersAction) -> None:
    delivery = subparsers.add_parser("delivery", help="how log events reach subscribed functions from now on, and how many did")
    delivery.add_argument("--copies", type=_positive, metavar="N", help="each batch arrives 1 to N times, by chance (1)")
    delivery.add_argument("--batch", type=_positive, metavar="N", help="at most N events in a batch (1000)")
    order = delivery.add_mutually_exclusive_group()
    order.add_argument("--reorder", action="store_true", default=None,
                       help="mix events, batches and copies that come within some seconds")
    order.add_argument("--in-order", action="store_false", default=None, dest="reorder", help="as they came (so it is at first)")
    delivery.set_defaults(run=run_delivery)


def run_delivery(arguments: argparse.Namespace) -> int:
    state.running()
    wanted = {name: getattr(arguments, name) for name in ("copies", "batch", "reorder")}
    print_json(aws_service.admin("delivery", wanted))
    return 0


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text)

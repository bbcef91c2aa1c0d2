"""Instances of the lab: isolated Linux hosts that are domain members on request. For use inside the lab, except the
functions that only read."""

from lab.instances.command import command
from lab.instances.lifecycle import discard_all, run, start, stop, terminate
from lab.instances.records import list_all, load

__all__ = ["command", "discard_all", "list_all", "load", "run", "start", "stop", "terminate"]

"""The report: one HTML file without anything from outside."""

from demo.report.page import write

__all__ = ["write"]

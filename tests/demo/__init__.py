"""`scripts/demo`: plays the product from a finding to a release on the lab, checks every step and writes a report.

It knows the lab only by its command line and AWS only by its API, as a person would."""

"""`scripts/demo`: plays the product on the lab, from a finding to a release, then rotations; checks every step, writes a report.

It knows the lab only by its command line and AWS only by its API, as a person would."""

"""`scripts/demo`: plays the product on the lab: a finding up to the release, rotations, accounts; checks it all, writes a report.

It knows the lab only by its command line and AWS only by its API, as a person would."""

"""Tests of scripts/preflight where the lab cannot show the case: `python -m unittest`, without AWS."""

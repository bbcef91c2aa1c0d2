"""What scripts/lint runs: every linter over the project, and over its canary, a planted mistake that it must find."""

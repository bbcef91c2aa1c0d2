"""The smoke test behind scripts/smoke-aws: deploy, look, send a sample finding, see it refused, remove."""

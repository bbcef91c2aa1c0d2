"""The preflight behind scripts/doctor: reads an account and says what keeps adsteward from working there."""

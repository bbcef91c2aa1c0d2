"""What asl-validator does not see: whether the machines are bounded, honest about failure, and mean what they name."""

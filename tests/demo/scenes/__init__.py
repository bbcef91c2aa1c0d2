"""The scenes of the play, in their order; each takes the play and goes on where the one before it ended."""

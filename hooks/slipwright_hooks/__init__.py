"""Guards that this repository and every rendered service run through pre-commit."""

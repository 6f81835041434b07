"""What the make targets of this repository run."""

"""Storage: files written whole or not at all, and checkpoints of long computations."""

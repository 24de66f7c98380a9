"""Patterns: what was observed, and how the model is scored against it."""

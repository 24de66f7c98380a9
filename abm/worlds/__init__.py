"""Worlds: the built-in one, a user's own, and synthetic ones, each at rest in its first quarter."""

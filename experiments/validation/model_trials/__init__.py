"""Trials: small experiments behind the patterns, each reduced to one reading a replicate."""

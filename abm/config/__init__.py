"""Configs: reading, merging, checking; the experiment that they describe."""

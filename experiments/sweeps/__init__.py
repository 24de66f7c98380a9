"""Sweeps: designed experiments whose runs are stored as they finish."""

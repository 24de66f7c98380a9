"""Shocks: their kinds, the states and organizations they select, and what each does."""

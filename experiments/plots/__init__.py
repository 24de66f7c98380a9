"""Figures with matplotlib: what `.plot` of a result, a sweep and a comparison draws."""

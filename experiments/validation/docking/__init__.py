"""Docking: published models and predictions, each made again from a config in a folder author_year.

A folder holds `config.yaml` (the scenario and the rules that are those of the publication), `published.csv` (what it
says, with unit, source and what is known of a difference) and a function `here` that computes the same quantities.
"""

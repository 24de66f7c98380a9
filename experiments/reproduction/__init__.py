"""Reproduction: results, sweeps and quoted numbers made again and compared."""

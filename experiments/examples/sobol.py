# %% [markdown]
# # Sobol: which factors carry the variance
#
# Saltelli's design needs (factors + 2) × samples points. The first-order index is the share of the variance that a
# factor carries by itself, the total index that with everything it takes part in. The gap between the two is
# interaction.

# %%
from pathlib import Path

from abm import analyze_sweep, open_sweep, run_sweep

SMALL = False  # True: seconds instead of many minutes, with numbers that mean nothing
OUT = Path("gallery") / ("small" if SMALL else "full")
OUT.mkdir(parents=True, exist_ok=True)

factors = {
    "legitimacy.blame_weight": {"low": 0.0, "high": 3.0},
    "membership.additivity": {"low": 0.0, "high": 1.0},
    "funding.rescue_rate": {"low": 0.0, "high": 1.0},
}
study = {
    "scenario": "us-exit-2026",
    "world": {"source": "synthetic", "states": 12, "organizations": 6}
    if SMALL
    else {"source": "synthetic", "states": 60, "organizations": 30},
    "quarters": 6 if SMALL else 24,
    "replicates": 1 if SMALL else 2,
    "design": {"method": "sobol", "samples": 4 if SMALL else 128},
    "factors": dict(list(factors.items())[: 2 if SMALL else 3]),
}
summary = run_sweep(study, OUT / "sobol", workers=0 if SMALL else None)

# %% [markdown]
# The analysis reads what is stored and never runs the model.

# %%
outcomes = ["shocked.legitimacy", "shocked.budget"]
analysis = analyze_sweep(OUT / "sobol", outcomes)
analysis.sensitivity.round(2)

# %%
axes = open_sweep(OUT / "sobol").plot.sensitivity(outcomes)
axes[0].figure.savefig(OUT / "sobol.png", dpi=110)

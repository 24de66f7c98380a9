# %% [markdown]
# # A sweep: one parameter, several values
#
# A study names a scenario, factors and a design. Its runs are stored as they finish; the same call goes on where an
# earlier one was stopped.

# %%
from pathlib import Path

from abm import open_sweep, run_sweep

SMALL = False  # True: seconds instead of minutes, with numbers that mean nothing
OUT = Path("gallery") / ("small" if SMALL else "full")
OUT.mkdir(parents=True, exist_ok=True)

study = {
    "scenario": "us-exit-2026",
    "world": {"source": "synthetic", "states": 12, "organizations": 6} if SMALL else {"source": "real"},
    "quarters": 8 if SMALL else 24,
    "replicates": 2 if SMALL else 6,
    "design": {"method": "grid", "levels": 3 if SMALL else 5},
    "factors": {"legitimacy.blame_weight": {"low": 0.0, "high": 3.0}},
}
summary = run_sweep(study, OUT / "sweep", workers=0 if SMALL else None)
sweep = open_sweep(OUT / "sweep")
sweep

# %% [markdown]
# Effects by point and replicate, beside the values of the factor.

# %%
effects = sweep.effects()[["shocked.legitimacy", "shocked.budget"]].groupby("point").mean()
effects.join(sweep.points())

# %%
ax = sweep.plot.outcome("shocked.legitimacy", "legitimacy.blame_weight")
ax.figure.savefig(OUT / "sweep.png", dpi=110)

# %%
ax = sweep.plot.trajectories("shocked.legitimacy", "legitimacy.blame_weight")
ax.figure.savefig(OUT / "sweep_trajectories.png", dpi=110)

# %% [markdown]
# # A phase diagram: which order is likeliest where
#
# Two factors on a grid: how exits add up, and how much states blame an organization that fails. Each cell holds the
# order that most of its runs end in, pale where that is unsure.

# %%
from pathlib import Path

from abm import open_sweep, run_sweep

SMALL = False  # True: seconds instead of many minutes, with numbers that mean nothing
OUT = Path("gallery") / ("small" if SMALL else "full")
OUT.mkdir(parents=True, exist_ok=True)

study = {
    "scenario": "total-exit",
    "world": {"source": "synthetic", "states": 10, "organizations": 5}
    if SMALL
    else {"source": "synthetic", "states": 60, "organizations": 30},
    "quarters": 6 if SMALL else 40,
    "replicates": 1 if SMALL else 4,
    "design": {"method": "grid", "levels": 2 if SMALL else 5},
    "factors": {
        "membership.additivity": {"low": 0.0, "high": 1.0},
        "legitimacy.blame_weight": {"low": 0.0, "high": 3.0},
    },
}
summary = run_sweep(study, OUT / "phases", workers=0 if SMALL else None)
sweep = open_sweep(OUT / "phases")

# %%
ax = sweep.plot.phase_diagram("regime", "membership.additivity", "legitimacy.blame_weight")
ax.figure.savefig(OUT / "phase_diagram.png", dpi=110)

# %% [markdown]
# The same plane with a number: what becomes of legitimacy.

# %%
ax = sweep.plot.phase_diagram("shocked.legitimacy", "membership.additivity", "legitimacy.blame_weight")
ax.figure.savefig(OUT / "phase_diagram_legitimacy.png", dpi=110)

# %% [markdown]
# The published diagram rests on many more runs: `abm study phases --full`.

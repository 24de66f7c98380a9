# %% [markdown]
# # A phase diagram: which order is likeliest where
#
# The largest state leaves all organizations. Two factors lie on a grid: how much less likely a state founds a club with
# each one that it leads already, and how far states get used to what they think of an organization. Each cell holds the
# order that most of its runs end in, pale where that is unsure.

# %%
from pathlib import Path

from abm import open_sweep, run_sweep

SMALL = False  # True: seconds instead of many minutes, with numbers that mean nothing
OUT = Path("gallery") / ("small" if SMALL else "full")
OUT.mkdir(parents=True, exist_ok=True)

study = {
    "scenario": "total-exit",
    "world": {"source": "synthetic", "states": 10, "organizations": 5} if SMALL else {"source": "real"},
    "quarters": 6 if SMALL else 40,
    "replicates": 1 if SMALL else 4,
    "design": {"method": "grid", "levels": 2 if SMALL else 5},
    "factors": {
        "clubs.own_crowding": {"low": 0.09, "high": 1.44},
        "legitimacy.persistence": {"low": 0.0, "high": 0.9},
    },
}
summary = run_sweep(study, OUT / "phases", workers=0 if SMALL else None)
sweep = open_sweep(OUT / "phases")

# %%
ax = sweep.plot.phase_diagram("regime", "clubs.own_crowding", "legitimacy.persistence")
ax.figure.savefig(OUT / "phase_diagram.png", dpi=110)

# %% [markdown]
# The same plane with a number. The order hangs on clubs, legitimacy on how far views last.

# %%
ax = sweep.plot.phase_diagram("shocked.legitimacy", "clubs.own_crowding", "legitimacy.persistence")
ax.figure.savefig(OUT / "phase_diagram_legitimacy.png", dpi=110)

# %% [markdown]
# The published diagram rests on many more runs: `abm study phases --full`.

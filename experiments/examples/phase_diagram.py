# %% [markdown]
# # A phase diagram: which order is likeliest where
#
# The United States stays in all organizations and keeps back a part of its gifts. Two factors lie on a grid: how large
# that part is, and how much money counts in influence on agendas. Each cell holds the order that most of its runs end
# in, pale where that is unsure.

# %%
from pathlib import Path

from abm import open_sweep, run_sweep

SMALL = False  # True: seconds instead of many minutes, with numbers that mean nothing
OUT = Path("gallery") / ("small" if SMALL else "full")
OUT.mkdir(parents=True, exist_ok=True)

study = {
    "scenario": "selective-hegemony",
    "world": {"source": "synthetic", "states": 10, "organizations": 5} if SMALL else {"source": "real"},
    "quarters": 6 if SMALL else 40,
    "replicates": 1 if SMALL else 4,
    "design": {"method": "grid", "levels": 2 if SMALL else 5},
    "factors": {
        "shocks.0.fraction": {"low": 0.1, "high": 0.9},
        "leadership.money_weight": {"low": 0.0, "high": 0.8},
    },
}
summary = run_sweep(study, OUT / "phases", workers=0 if SMALL else None)
sweep = open_sweep(OUT / "phases")

# %%
ax = sweep.plot.phase_diagram("regime", "shocks.0.fraction", "leadership.money_weight")
ax.figure.savefig(OUT / "phase_diagram.png", dpi=110)

# %% [markdown]
# The same plane with a number: what the cut changes of the influence of the United States.

# %%
ax = sweep.plot.phase_diagram("actor_agenda_share", "shocks.0.fraction", "leadership.money_weight")
ax.figure.savefig(OUT / "phase_diagram_influence.png", dpi=110)

# %% [markdown]
# Published diagrams, of exits, rest on many more runs: `abm study phases --full`.

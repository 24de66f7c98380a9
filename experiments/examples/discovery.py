# %% [markdown]
# # Scenario discovery: under which conditions does an order follow?
#
# A Latin hypercube spreads points over the ranges of the factors. The patient rule induction method (PRIM) then looks
# for the box of factor values in which runs of one kind are most frequent. It needs the extra `ema`.

# %%
from pathlib import Path

import numpy as np
import pandas as pd

from abm import open_sweep, run_sweep
from experiments.analysis.samples import read_samples
from experiments.analysis.scenario_discovery import boxes, scores

SMALL = False  # True: seconds instead of many minutes, with numbers that mean nothing
OUT = Path("gallery") / ("small" if SMALL else "full")
OUT.mkdir(parents=True, exist_ok=True)

study = {
    "scenario": "total-exit",
    "world": {"source": "synthetic", "states": 10, "organizations": 5} if SMALL else {"source": "real"},
    "quarters": 6 if SMALL else 32,
    "replicates": 1 if SMALL else 2,
    "design": {"method": "lhs", "samples": 24 if SMALL else 100},
    "factors": {
        "clubs.own_crowding": {"low": 0.09, "high": 1.44},
        "legitimacy.persistence": {"low": 0.0, "high": 0.9},
        "legitimacy.blame_weight": {"low": 0.0, "high": 1.0},
    },
}
summary = run_sweep(study, OUT / "discovery", workers=0 if SMALL else None)
sweep = open_sweep(OUT / "discovery")

# %% [markdown]
# Orders that occur, and how often.

# %%
sweep.regimes()["label"].value_counts()

# %% [markdown]
# Any condition can be the one that is looked for. Here: legitimacy falls more than in the median run of its replicate.
# A replicate has its own values of all other parameters, which move legitimacy further than the factors do.

# %%
samples = read_samples(OUT / "discovery", ["shocked.legitimacy"])
loss = samples.values["shocked.legitimacy"]
usual = loss.groupby("replicate").transform("median")
labels = pd.Series(np.where(loss < usual, "large loss", "small loss"), loss.index)
found = boxes(samples.labelled(labels))
found[["regime", "factor", "low", "high", "coverage", "density"]].round(2)

# %% [markdown]
# The feature scores of extra trees say the same in another way; a factor that does nothing is among them.

# %%
scores(samples).round(2)

# %%
axes = sweep.plot.boxes(labels=labels)
axes[0].figure.savefig(OUT / "discovery.png", dpi=110)

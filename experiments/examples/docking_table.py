# %% [markdown]
# # Docking: what publications say, and what comes out here
#
# Five publications are made again, each from a config in `experiments/validation/docking`. A published number is
# compared with the number here, a published direction with its sign. `abm validate --docking` prints the same table.

# %%
from pathlib import Path

import numpy as np

from experiments.plots.axes import one_axes, save_figure
from experiments.validation.docking.docking import docking_table

SMALL = False  # True: seconds instead of minutes; the two publications that need no runs
OUT = Path("gallery") / ("small" if SMALL else "full")
OUT.mkdir(parents=True, exist_ok=True)

only = ["borzyskowski_vabulas_2019", "axelrod_bennett_1993"] if SMALL else []
table = docking_table(full=not SMALL, only=only)
table[["publication", "quantity", "published", "here", "agrees"]]

# %% [markdown]
# Why a quantity does not come out as published, as far as it is known.

# %%
table.loc[table["agrees"].eq(False) | table["here"].isna(), ["quantity", "why"]]

# %% [markdown]
# The published exit model predicts how likely a member leaves, by its distance from the others, in quiet years and in
# the year after a lead state left. The coefficients are those that the model itself gives back.

# %%
logit = table[table["publication"] == "borzyskowski_vabulas_2019"]["here"].to_numpy()
distance = np.linspace(0.0, 3.0, 61)
log_odds = logit[0] + logit[1] * distance + logit[3] * np.log(20)
ax = one_axes(None, 6.4, 3.6)
ax.semilogy(distance, 1 / (1 + np.exp(-log_odds)), label="no exit before")
ax.semilogy(distance, 1 / (1 + np.exp(-log_odds - logit[2])), label="a lead state left the year before")
ax.set_xlabel("distance from the other members, ideal points")
ax.set_ylabel("probability of exit in a year")
ax.legend(frameon=False, fontsize=8)
save_figure(ax, OUT / "docking_table.png")

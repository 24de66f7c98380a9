# %% [markdown]
# # Docking: what publications say, and what comes out here
#
# Five publications are made again, each from a config in `experiments/validation/docking`. A published number is
# compared with the number here, a published direction with its sign. `abm validate --docking` prints the same table.

# %%
from pathlib import Path

import numpy as np

from experiments.plots.axes import one_axes, save_figure
from experiments.report.svg import CATEGORIES
from experiments.validation.docking.docking_table import docking_table

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
# the year after a lead state left. Lines are drawn from the published coefficients, dots from those that this model
# gives back with the settings of the publication, dashes from those of its default rules.

# %%
logit = table[table["publication"] == "borzyskowski_vabulas_2019"].head(4)
distance = np.linspace(0.0, 3.0, 16)
ax = one_axes(None, 7.4, 4.0)
for source, mark, words in (
    ("published", "-", "published"),
    ("here", "o", "this model, set as published"),
    ("default_rules", "--", "this model, default rules"),
):
    level, slope, after_exit, by_size = logit[source].astype(float)
    for exit_before, colour, when in ((0, CATEGORIES[0], "no exit before"), (1, CATEGORIES[1], "after an exit")):
        log_odds = level + slope * distance + by_size * np.log(20) + after_exit * exit_before
        ax.semilogy(distance, 1 / (1 + np.exp(-log_odds)), mark, color=colour, markersize=3.5, label=f"{words}, {when}")
ax.set_xlabel("distance from the other members, ideal points", fontsize=9)
ax.set_ylabel("probability of exit in a year", fontsize=9)
ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g} %")
ax.set_title("Who leaves an organization of 20 members", fontsize=10, loc="left")
ax.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
save_figure(ax, OUT / "docking_table.png")

# %% [markdown]
# # Twins: why effects are precise with few runs
#
# Replicate r of a scenario and its twin draw the same random numbers, whatever happens in either. So the two are
# equal to the last digit until the shock, and what differs afterwards is the shock's doing. This script measures what
# that buys.

# %%
from pathlib import Path

from scipy.stats import ttest_ind

from abm import run_experiment
from abm.intervals import mean_interval
from experiments.plots.axes import draw_interval, one_axes, save_figure

SMALL = False  # True: seconds instead of a minute, with numbers that mean nothing
OUT = Path("gallery") / ("small" if SMALL else "full")
OUT.mkdir(parents=True, exist_ok=True)

world = {"source": "synthetic", "states": 16, "organizations": 8} if SMALL else {"source": "real"}
config = {"extends": "us-exit-2026", "world": world, "ensemble": "off"}
settings = ["quarters=12", "replicates=3"] if SMALL else ["quarters=24", "replicates=8"]
result = run_experiment(config, settings, workers=1 if SMALL else None, progress=not SMALL)

# %% [markdown]
# Until the first act, run and twin are the same number, not just close.

# %%
measure = "shocked.legitimacy"
series = result.series[result.series["measure"] == measure]
wide = series.pivot_table(index="quarter", columns=["twin", "run"], values="value")
first = min(result.outcomes["first_acts"].values())
before = wide.loc[wide.index < first]
same = bool((before[False] == before[True]).all(axis=None))
assert same

# %% [markdown]
# The same effect twice: once run by run against its own twin, once as a difference between two independent samples.

# %%
last = wide.iloc[-1]
paired = mean_interval(last[False] - last[True])
alone = ttest_ind(last[False], last[True], equal_var=False).confidence_interval(0.9)
unpaired = (paired[0], alone.low, alone.high)
wider = (alone.high - alone.low) / (paired[2] - paired[1])

ax = one_axes(None, 7.0, 2.2)
draw_interval(ax, paired, 0, "#0072B2")
draw_interval(ax, unpaired, 1, "#767676")
ax.set_yticks([0, 1], ["against its own twin", "against other runs"])
ax.set_ylim(1.5, -0.5)
ax.set_xlabel("change of legitimacy, relative to rest", fontsize=9)
ax.set_title(f"Effect on legitimacy, 90 % interval: {wider:.1f} times as wide without twins", fontsize=10, loc="left")
save_figure(ax, OUT / "twins.png")

# %% [markdown]
# Events tell the same story: each says whether it happens with the shock only, without it only, or in both worlds.

# %%
result.events[~result.events["twin"]].groupby(["kind", "occurs"]).size().unstack(fill_value=0).head(12)

# %% [markdown]
# # One shock
#
# A state leaves one organization: the United States and the World Health Organization, announced in January 2025. Every
# run has a twin, the same world with the same random numbers and without the shock; effects are run less twin.

# %%
from pathlib import Path

from abm import run_experiment
from experiments.report.headline import summary

SMALL = False  # True: seconds instead of a minute, with numbers that mean nothing
OUT = Path("gallery") / ("small" if SMALL else "full")
OUT.mkdir(parents=True, exist_ok=True)

settings = ["quarters=14", "replicates=2"] if SMALL else ["quarters=40", "replicates=8"]
result = run_experiment("who-2025", settings, workers=1 if SMALL else None, progress=not SMALL)
result

# %% [markdown]
# The findings are those that `abm run who-2025` prints.

# %%
findings = summary(result)
findings

# %% [markdown]
# Who follows, how often, and how often without the shock.

# %%
result.followers.head()

# %% [markdown]
# The money, the work and the standing of the organization: median of runs with the band from the 5th to the 95th
# percentile, and the twins, dashed.

# %%
measures = [f"shocked.{name}" for name in ("income", "budget", "staff", "effectiveness", "legitimacy", "commitment")]
axes = result.plot.trajectories(measures)
axes[0].figure.savefig(OUT / "one_shock.png", dpi=110)

# %% [markdown]
# What has changed by the end, and how sure that is.

# %%
axes = result.plot.effects()
axes[0].figure.savefig(OUT / "one_shock_effects.png", dpi=110)

# %% [markdown]
# Where in the world: influence on agendas moves from the state that leaves to others.

# %%
ax = result.plot.map("influence")
ax.figure.savefig(OUT / "one_shock_map.png", dpi=110)

# %% [markdown]
# # A rule of one's own, without touching the package
#
# A rule is a class with parameters and one pure function. `dues_holiday.py` beside this script has one: in crises,
# organizations forgive poor members a part of their old arrears. A config names it: `dues_holiday.yaml`.

# %%
from importlib.resources import files
from pathlib import Path

from abm import compare_scenarios, run_experiment
from experiments.plots.axes import one_axes, save_figure

SMALL = False  # True: seconds instead of a minute, with numbers that mean nothing
OUT = Path("gallery") / ("small" if SMALL else "full")
OUT.mkdir(parents=True, exist_ok=True)

config = Path(str(files("experiments.examples"))) / "dues_holiday.yaml"
config.read_text(encoding="utf-8")

# %% [markdown]
# The same scenario with and without the rule. `forgiven_share=0` switches it off, so that nothing else differs.

# %%
settings = ["quarters=8", "replicates=2"] if SMALL else ["quarters=32", "replicates=8"]
workers = 1 if SMALL else None
without = run_experiment(config, [*settings, "dues_holiday.forgiven_share=0"], workers=workers)
with_rule = run_experiment(config, settings, workers=workers)

# %%
forgiven = with_rule.events[with_rule.events["kind"] == "holiday"]
forgiven.groupby("quarter").size().head()

# %% [markdown]
# Votes that are suspended for arrears, in the world with the shock.

# %%
both = {"no holiday": without, "holiday": with_rule}
arrears = {
    name: one.series[(one.series["measure"] == "suspended_votes") & ~one.series["twin"]]
    .groupby("quarter")["value"]
    .mean()
    for name, one in both.items()
}
ax = one_axes(None, 7.0, 3.2)
for name, values in arrears.items():
    values.plot(ax=ax, label=name)
ax.legend(frameon=False)
ax.set_ylabel("suspended votes")
save_figure(ax, OUT / "own_rule.png")

# %%
comparison = compare_scenarios(both)
comparison

# %% [markdown]
# Recipes for rules inside the package, with their tests, stand in `CONTRIBUTING.md`.

# %% [markdown]
# # A rule of one's own, without touching the package
#
# A rule is a class with parameters and one pure function. `dues_holiday.py` beside this script has one: in crises,
# organizations forgive poor members a part of their old arrears. A config names it: `dues_holiday.yaml`.

# %%
from importlib.resources import files
from pathlib import Path

from abm import compare_scenarios, run_experiment
from abm.calendar import parse_quarter
from experiments.plots.axes import label_years, one_axes, save_figure, years
from experiments.report.svg import CATEGORIES

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
# How many members an organization has that may not vote, because of arrears; in the world with the shock.

# %%
both = {"without the rule": without, "with the rule": with_rule}
ax = one_axes(None, 7.0, 3.2)
for (name, one), colour in zip(both.items(), CATEGORIES, strict=False):
    rows = one.series[(one.series["measure"] == "suspended_votes") & ~one.series["twin"]]
    mean = rows.groupby("quarter")["value"].mean()
    ax.plot(years([parse_quarter(quarter) for quarter in mean.index]), mean, color=colour, label=name)
label_years(ax)
ax.set_ylim(bottom=0)
ax.legend(frameon=False, fontsize=8)
ax.set_ylabel("states", fontsize=9)
ax.set_title("Members of an organization that may not vote, mean of organizations and runs", fontsize=10, loc="left")
save_figure(ax, OUT / "own_rule.png")

# %%
comparison = compare_scenarios(both)
comparison

# %% [markdown]
# Recipes for rules inside the package, with their tests, stand in `CONTRIBUTING.md`.

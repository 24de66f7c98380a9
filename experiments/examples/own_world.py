# %% [markdown]
# # A world of one's own, from four small tables
#
# Three rivals and three friends share two organizations. Positions say who is close to whom. `abm export --world real`
# writes the built-in world's tables as a template, with all columns and what they mean.

# %%
from pathlib import Path

from abm import run_experiment

SMALL = False  # True: seconds instead of a minute, with numbers that mean nothing
OUT = Path("gallery") / ("small" if SMALL else "full")
FOLDER = OUT / "island"
FOLDER.mkdir(parents=True, exist_ok=True)

TABLES = {
    "states": """code,name,population,gdp_usd,un_rate,position_1,position_2
NOR,Northland,20000000,900000000000,40,0.9,0.1
EAS,Eastland,30000000,500000000000,25,0.7,0.0
WES,Westland,8000000,200000000000,10,0.8,-0.2
SOU,Southland,90000000,600000000000,15,-0.9,0.1
MID,Midland,40000000,150000000000,7,-0.7,-0.3
ISL,Island,2000000,20000000000,3,-0.6,0.2
""",
    "organizations": """code,name,family,issue_area,budget_usd,assessed_share,voluntary_share,other_share,founded
SEA,Organization of the Sea,un_specialised,climate-environment,90000000,0.5,0.4,0.1,1980
MED,Medical Union,un_specialised,health,60000000,0.3,0.6,0.1,1975
""",
    "membership": "state,organization,since,until\n"
    + "".join(
        f"{state},{body},1990,\n" for body in ("SEA", "MED") for state in ("NOR", "EAS", "WES", "SOU", "MID", "ISL")
    ),
    "contributions": "state,organization,year,kind,usd_million\n",
}
for name, text in TABLES.items():
    (FOLDER / f"{name}.csv").write_text(text, encoding="utf-8")

# %% [markdown]
# The richest state leaves the Organization of the Sea.

# %%
config = {
    "extends": "base",
    "title": "Northland leaves the Organization of the Sea",
    "world": {"source": "tables", "folder": str(FOLDER.resolve())},
    "shocks": [{"kind": "exit", "actor": "NOR", "organizations": ["SEA"], "announced": "2025Q3"}],
}
settings = ["quarters=10", "replicates=2"] if SMALL else ["quarters=40", "replicates=16"]
result = run_experiment(config, settings, workers=1 if SMALL else None, progress=not SMALL)
result

# %%
axes = result.plot.trajectories(["shocked.budget", "shocked.effectiveness", "shocked.legitimacy", "shocked.members"])
axes[0].figure.savefig(OUT / "own_world.png", dpi=110)

# %%
axes = result.plot.network()
axes[0].figure.savefig(OUT / "own_world_network.png", dpi=110)

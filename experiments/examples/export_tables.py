# %% [markdown]
# # Export: Gephi, Arrow, DuckDB, R, spreadsheets
#
# A result folder holds Parquet tables, whose columns carry their units. `export` writes the networks for Gephi, and
# everything as CSV or JSON, with a data dictionary.

# %%
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import networkx as nx
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from abm import data_dictionary, run_experiment, write_result
from experiments.plots.axes import one_axes, save_figure
from experiments.report.exchange_formats import export
from experiments.report.svg import CATEGORIES

SMALL = False  # True: seconds instead of a minute, with numbers that mean nothing
OUT = Path("gallery") / ("small" if SMALL else "full")
FOLDER = OUT / "export"

world = {"source": "synthetic", "states": 12, "organizations": 6} if SMALL else {"source": "real"}
settings = ["quarters=6", "replicates=1"] if SMALL else ["quarters=24", "replicates=4"]
result = run_experiment({"extends": "us-exit-2026", "world": world}, settings, workers=1 if SMALL else None)
write_result(result, FOLDER)

# %% [markdown]
# Gephi opens GEXF and GraphML: three networks, before, after, and after without the shock.

# %%
networks = export(FOLDER, "gexf", OUT / "gexf")
after = nx.read_gexf(OUT / "gexf" / "network-after.gexf")
after.number_of_nodes(), after.number_of_edges()

# %% [markdown]
# Arrow reads the tables in place. Every field knows its unit; `gifts` is in USD a quarter.

# %%
schema = pq.read_schema(FOLDER / "states.parquet")
units = {field.name: (field.metadata or {}).get(b"unit", b"").decode() for field in schema}
assert units["gifts"] == "USD/quarter"
states = ds.dataset(FOLDER / "states.parquet")
rows = states.to_table(columns=["name", "dues_paid", "gifts"], filter=~pc.field("twin") & (pc.field("run") == 0))
paid = rows.group_by("name").aggregate([("dues_paid", "sum"), ("gifts", "sum")]).to_pandas().set_index("name")
paid.columns = ["dues", "gifts"]
paid.sort_values("gifts", ascending=False).head()

# %% [markdown]
# DuckDB asks the files in SQL. It is a package of its own (`pip install duckdb`).

# %%
QUERY = f"""
    SELECT quarter, twin, avg(value) AS legitimacy
    FROM '{FOLDER}/series.parquet' WHERE measure = 'shocked.legitimacy'
    GROUP BY quarter, twin ORDER BY quarter, twin
"""
legitimacy = import_module("duckdb").sql(QUERY).df() if find_spec("duckdb") else None
legitimacy

# %% [markdown]
# R and spreadsheets read CSV. In R, without any package:
#
# ```r
# series <- read.csv("gallery/full/csv/series.csv")
# legitimacy <- subset(series, measure == "shocked.legitimacy")
# aggregate(value ~ quarter + twin, data = legitimacy, FUN = mean)
# ```

# %%
tables = export(FOLDER, "csv", OUT / "csv")
[path.name for path in tables]

# %% [markdown]
# What the columns mean, and in which units, is in `data_dictionary.csv`.

# %%
words = data_dictionary()
words[words["table"] == "states"].head()

# %%
most = paid.loc[paid.sum(axis=1).nlargest(12).index] / 1e9
ax = one_axes(None, 6.8, 3.8)
most.plot.barh(stacked=True, ax=ax, color=list(CATEGORIES[:2]))
ax.invert_yaxis()
ax.set_ylabel("")
ax.set_xlabel("billion USD in all quarters together", fontsize=9)
ax.legend(frameon=False, fontsize=8)
ax.set_title("Who pays most in the first run, with the shock", fontsize=10, loc="left")
save_figure(ax, OUT / "export_tables.png")

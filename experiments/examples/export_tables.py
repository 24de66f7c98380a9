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
from experiments.report.export import export

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
# Arrow reads the tables in place. Every field knows its unit.

# %%
schema = pq.read_schema(FOLDER / "states.parquet")
units = {field.name: (field.metadata or {}).get(b"unit", b"").decode() for field in schema}
states = ds.dataset(FOLDER / "states.parquet")
rows = states.to_table(columns=["code", "dues_paid", "gifts"], filter=~pc.field("twin") & (pc.field("run") == 0))
paid = rows.group_by("code").aggregate([("dues_paid", "sum"), ("gifts", "sum")]).to_pandas()
paid.sort_values("gifts_sum", ascending=False).head()

# %% [markdown]
# DuckDB asks the files in SQL, where it is installed (`pip install duckdb`).

# %%
QUERY = f"""
    SELECT quarter, twin, avg(value) AS legitimacy
    FROM '{FOLDER}/series.parquet' WHERE measure = 'shocked.legitimacy'
    GROUP BY quarter, twin ORDER BY quarter, twin
"""
legitimacy = import_module("duckdb").sql(QUERY).df() if find_spec("duckdb") else None
legitimacy

# %% [markdown]
# In R, with the packages arrow and dplyr:
#
# ```r
# library(arrow); library(dplyr)
# open_dataset("gallery/full/export/series.parquet") |>
#   filter(measure == "shocked.legitimacy") |>
#   group_by(quarter, twin) |> summarise(legitimacy = mean(value)) |> collect()
# ```

# %%
words = data_dictionary()
words[words["table"] == "states"].head()

# %%
most = paid.nlargest(12, "gifts_sum").set_index("code").rename(columns={"dues_paid_sum": "dues", "gifts_sum": "gifts"})
ax = (most / 1e9).plot.barh(stacked=True, figsize=(6, 3.6))
ax.invert_yaxis()
ax.set_xlabel(f"billion USD over the run (the column is in {units['gifts']})")
ax.figure.savefig(OUT / "export_tables.png", dpi=110, bbox_inches="tight")

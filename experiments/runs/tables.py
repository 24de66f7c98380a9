"""Tables of an experiment: what workers made of single runs, joined; what can be read off such tables again."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def join_tables(runs: Sequence[Mapping[str, Mapping[str, NDArray[Any]]]]) -> dict[str, pd.DataFrame]:
    """Return the tables of all runs, one below the other, by name; `runs` hold columns by table (see `columns`)."""
    return {
        name: pd.DataFrame({column: np.concatenate([run[name][column] for run in runs]) for column in table})
        for name, table in runs[0].items()
    }


def effects_by_run(series: pd.DataFrame) -> pd.DataFrame:
    """Return effects read from a table of series: run less twin in the last quarter; rows are runs, none without twins.

    They are those of `abm.recording.Comparison.effects`.
    """
    last = series[series["quarter"] == series["quarter"].max()]
    if last["twin"].nunique() < 2:
        return pd.DataFrame()
    wide = last.pivot_table(index="run", columns=["twin", "measure"], values="value", dropna=False)
    return (wide[False] - wide[True]).dropna(how="all")

"""Points side by side: the mean of every outcome at each point of a design, and against its centre."""

from typing import Any

import numpy as np
import pandas as pd

from abm.intervals import interval
from experiments.analysis.samples import Samples

COLUMNS = ("point", "outcome", "runs", "mean", "low", "high", "less_first", "less_first_low", "less_first_high")


def by_point(samples: Samples) -> pd.DataFrame:
    """Return a row for each point and outcome: mean and 90 % t-interval, and the difference from the first point.

    Replicate r meets the same luck at every point, so that differences from the first point (the centre of a design
    that moves one factor at a time) are taken replicate by replicate. Columns COLUMNS, then a factor each.
    """
    found: list[dict[str, Any]] = []
    first = int(samples.points.index[0])
    tables = {name: samples.by_replicate(name) for name in samples.outcomes}
    for name, table in tables.items():
        for point, row in table.iterrows():
            pairs = (row - table.loc[first]).dropna() if first in table.index else row.iloc[:0]
            cells = (point, name, int(row.notna().sum()), *_interval(row.dropna()), *_interval(pairs))
            found.append(dict(zip(COLUMNS, cells, strict=True)))
    frame = pd.DataFrame(found, columns=list(COLUMNS)).sort_values(["point", "outcome"], ignore_index=True)
    return frame.join(samples.points, on="point")


def _interval(values: pd.Series) -> tuple[float, float, float]:
    """Return mean and the ends of its 90 % t-interval, NaN where there are none."""
    numbers = values.to_numpy(float)
    if not len(numbers):
        return np.nan, np.nan, np.nan
    mean, low, high = interval(numbers)
    return mean, np.nan if low is None else low, np.nan if high is None else high

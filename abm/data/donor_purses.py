"""What donors give from year to year beside what the model explains: measured to a year, then announced.

A world begins with the budgets of the year before. A path says how a donor's gifts to all organizations stand to that
year in each year since the start: in years with accounts as measured, later as governments announced. Both hold with
a shock and without it. Where no row says more, the last year's purse stays.
"""

import numpy as np
import numpy.typing as npt

from abm.data.table import number, text
from abm.data.world_tables import Tables

type Floats = npt.NDArray[np.float64]


def purse_paths(tables: Tables, start: int, years: int, measured: float, announced: float) -> tuple[Floats, Floats]:
    """Return purses relative to those of the start, (state, year), and which years are measured, (year,).

    The first year is that of the quarter `start`. `measured` and `announced` say how much of the fluctuations and of
    the changes announced the world holds: 0 none, 1 all.
    """
    codes, first = text(tables.states, "code").tolist(), start // 4
    rows = tables.purses
    known = np.unique(number(rows, "year")[number(rows, "measured") == 1]).astype(int)
    if not len(known):
        return np.ones((len(codes), years)), np.zeros(years)
    levels = _levels(tables, codes, int(known[0]), max(int(known[-1]), first + years))
    rest = levels[:, min(max(first - 1, known[0]), known[-1]) - known[0]]  # of the year that budgets are of
    then = np.arange(first, first + years)
    now = levels[:, np.maximum(then, known[0]) - known[0]]
    seen = levels[:, np.minimum(np.maximum(then, known[0]), known[-1]) - known[0]]
    path = 1 + (measured * (seen - rest[:, None]) + announced * (now - seen)) / rest[:, None]
    return np.maximum(path, 0.0), ((then <= known[-1]) & (measured > 0)).astype(float)


def _levels(tables: Tables, codes: list[str], first: int, last: int) -> Floats:
    """Return the level of each donor's purse by year, (state, year): its own row, else that of all, else as before."""
    rows = tables.purses
    cells = zip(text(rows, "state").tolist(), number(rows, "year").astype(int).tolist(), strict=True)
    given = dict(zip(cells, number(rows, "purse").tolist(), strict=True))
    levels = np.ones((len(codes), last - first + 1))
    for row, code in enumerate(codes):
        for year in range(first, last + 1):
            before = levels[row, max(year - 1 - first, 0)]
            levels[row, year - first] = given.get((code, year), given.get(("", year), before))
    return levels

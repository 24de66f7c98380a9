"""What happened while the leaver was out: how long, and what the organizations lost in that time."""

from typing import NamedTuple

import numpy as np

from abm.intervals import interval
from abm.state.world import Array
from experiments.report.result_view import View

LEAVING = ("exit", "participation_stopped")
RETURNING = ("return", "participation_resumed")


class Absence(NamedTuple):
    """How long actors are out of half of what they left, in years, and a mean effect in that time.

    Each is a mean over runs with the ends of its 90 % interval; the effect is None where no run tells it.
    """

    years: tuple[float, float | None, float | None]
    effect: tuple[float, float | None, float | None] | None


def absence(view: View, measure: str) -> Absence | None:
    """Return the absence of the actors, and the effect on a measure while they are out; None where nobody leaves."""
    out = {run: _out(view, run) for run in view.finished}
    if not any(quarters.any() for quarters in out.values()):
        return None
    effects = _effects(view, measure)
    lost = [float(effects[run][quarters].mean()) for run, quarters in out.items() if run in effects and quarters.any()]
    return Absence(interval([float(quarters.sum()) / 4 for quarters in out.values()]), interval(lost) if lost else None)


def _out(view: View, run: int) -> Array:
    """Return where the actors are out of at least half of the most that they are ever out of; (quarter,) of a run."""
    events = view.events[(view.events["run"] == run) & view.events["actor"].isin(view.actors)]
    count = np.zeros(len(view.quarters))
    place = {quarter: row for row, quarter in enumerate(view.quarters)}
    for kinds, step in ((LEAVING, 1), (RETURNING, -1)):
        for quarter in events.loc[events["kind"].isin(kinds), "quarter"]:
            count[place[quarter] :] += step
    return np.asarray((count > 0) & (2 * count >= count.max()))


def _effects(view: View, measure: str) -> dict[int, Array]:
    """Return run less twin by run, for the runs that have both; (quarter,) each."""
    rows = view.result.series[view.result.series["measure"] == measure]
    wide = rows.pivot_table(index="quarter", columns=["run", "twin"], values="value", dropna=False)
    if len(wide) < len(view.quarters):
        return {}
    pairs = [run for run in view.finished if {(run, False), (run, True)} <= {*wide.columns}]
    return {run: (wide[run][False] - wide[run][True]).to_numpy(float) for run in pairs}


def told(value: tuple[float, float | None, float | None], scale: float) -> bool:
    """Return whether a mean with its interval says something: the interval is not wider than the scale."""
    _, low, high = value
    return low is None or high is None or high - low <= scale

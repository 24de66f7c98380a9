"""Headline 2, the league table of instruments: what each costs the same organizations, per unit of the actor's share.

The United States turn each instrument on the specialised agencies of the United Nations. Lost effectiveness, legitimacy
and members that follow are means over the five years after, against the twin, divided by the actor's mean share of
influence in these organizations. The bold guess, at risk: the loudest instrument, exit, is not the most damaging. It is
refuted where exit costs most in effectiveness and in legitimacy. Full strength is what each can be at most; sanctions
and obstruction have the strength of the shipped scenarios, an assumption. What a sanction hits is set by its strength
alone, not by any share: it is shown, and does not count in the test.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.calendar import parse_quarter
from abm.comparison import compare
from abm.config.reader import load_experiment
from abm.outcomes import followers
from abm.state.world import Array
from experiments.report.study_drawing import Bars, draw
from experiments.studies.composed_runs import scene
from experiments.studies.estimates import Estimate, estimate
from experiments.studies.study_result import Report, Size

BODIES = {"list": "un-specialised-agencies"}
FIRST, QUARTERS = "2026Q1", 24
INSTRUMENTS: dict[str, dict[str, Any]] = {
    "exit": {"kind": "exit", "notice_quarters": 4},
    "arrears": {"kind": "withhold_dues", "fraction": 1.0},
    "freeze": {"kind": "defund", "fraction": 1.0},
    "threat": {"kind": "threaten", "deadline_quarters": 4, "demand": "actor"},
    "sanction": {"kind": "sanction", "strength": 0.3},
    "obstruction": {"kind": "obstruct", "strength": 0.5},
    "rhetoric": {"kind": "rhetoric", "strength": 1.0},
}
LOUDEST = "exit"
BY_ASSUMPTION = ("sanction",)
"""Instruments whose cost is their assumed strength."""
COSTS = ("effectiveness", "legitimacy", "followers")


def costs(instrument: str, number: int, overrides: tuple[str, ...]) -> list[float]:
    """Return COSTS of one instrument in one replicate, per unit of the actor's share; more is worse."""
    shock = {"actor": "USA", "organizations": BODIES, "announced": FIRST, **INSTRUMENTS[instrument]}
    comparison = compare(scene([shock], QUARTERS, overrides), number)
    run, twin = comparison.run, comparison.twin
    share = float(twin.bodies["actor_agenda_share"][0, run.shocked > 0].mean())
    since = parse_quarter(FIRST) - run.quarters[0]
    lost = [-comparison.difference(f"shocked.{name}")[since:].mean() for name in COSTS[:2]]
    return [*(float(value) / share for value in lost), (len(followers(run)) - len(followers(twin))) / share]


def run(size: Size, out: Path) -> Report:
    """Run all instruments; write `instruments.csv` and `instruments.svg`."""
    replicates = size.of(quick=8, full=96)
    tasks = [(name, number, size.overrides) for name in INSTRUMENTS for number in range(replicates)]
    values = np.array(size.spread(costs, tasks)).reshape(len(INSTRUMENTS), replicates, -1)
    found = {
        (name, cost): estimate(values[row, :, column])
        for row, name in enumerate(INSTRUMENTS)
        for column, cost in enumerate(COSTS)
    }
    table = pd.DataFrame(
        [{"instrument": name, "cost": cost, **value._asdict()} for (name, cost), value in found.items()]
    )
    table.assign(replicates=replicates).to_csv(out / "instruments.csv", index=False, float_format="%.5f")
    _figure(found, out / "instruments.svg", replicates)
    return _report(found, values, size)


def _report(found: dict[tuple[str, str], Estimate], values: Array, size: Size) -> Report:
    """Return who leads in each cost, and how far the loudest lies behind."""
    tested = [name for name in INSTRUMENTS if name not in BY_ASSUMPTION]
    leads = {cost: max(tested, key=lambda name: found[name, cost].value) for cost in COSTS}
    behind = {}
    for column, cost in enumerate(COSTS):
        rivals = [name for name in tested if name != LOUDEST]
        best = max(rivals, key=lambda name: found[name, cost].value)
        order = list(INSTRUMENTS)
        apart = values[order.index(best), :, column] - values[order.index(LOUDEST), :, column]
        behind[cost] = (best, estimate(apart))
    refuted = all(leads[cost] == LOUDEST for cost in COSTS[:2])
    results = {
        "effectiveness_lost_to_the_worst_other_less_exit": behind["effectiveness"][1]._asdict(),
        "most_damaging": leads,
        "worst_other_less_exit": {cost: {"other": name, **value._asdict()} for cost, (name, value) in behind.items()},
        "refuted_by": f"{LOUDEST} costs most in effectiveness and in legitimacy",
        "refuted": refuted,
    }
    lines = tuple(
        f"{cost}: most is lost to {leads[cost]}; {name} less {LOUDEST}: {value.said(3)} per unit of share."
        for cost, (name, value) in behind.items()
    )
    return Report(results, {"twin": load_experiment("base", size.overrides).digest()}, lines)


def _figure(found: dict[tuple[str, str], Estimate], file: Path, replicates: int) -> None:
    """Draw one panel a cost, instruments in order of effectiveness lost."""
    order = sorted(INSTRUMENTS, key=lambda name: -found[name, "effectiveness"].value)
    panels = []
    for cost in COSTS:
        rows = [found[name, cost] for name in order]
        ends = [[row.value for row in rows], [row.low for row in rows], [row.high for row in rows]]
        panels.append(Bars(f"{cost} lost" if cost != "followers" else cost, "per unit of share", order, *ends))
    caption = (
        f"The United States against the specialised agencies from {FIRST}, means over five years, {replicates} "
        "replicates with twins; whiskers: 90 % t-intervals of the paired mean."
    )
    draw(file, panels, caption)

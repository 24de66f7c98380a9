"""The patterns that calibration is held to, and what a run shows of them. Those kept for validation are not among them.

Bands are read as the 95 % interval of what was observed. Populations: exits and deaths on a population of the
published sizes; all else on the built-in world.
"""

from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.data.world_tables import Tables
from abm.measures import Snapshot
from abm.outcomes import DEATHS
from abm.quiet import change
from abm.recording import FieldValues, Story, record
from abm.simulation import Simulation
from abm.state.world import Array
from abm.worlds.synthetic import published_population
from experiments.studies.calibration_episodes import pooled
from experiments.validation.elections import Elections, changes_a_year


class Target(NamedTuple):
    """A calibration pattern: observed value, its band, whether it is compared on a log scale, and where it is from."""

    value: float
    low: float
    high: float
    log: bool
    source: str


TARGETS: dict[str, Target] = {
    "exit_rate": Target(0.0004, 0.0002, 0.001, True, "pattern 1: von Borzyskowski & Vabulas 2019"),
    "death_rate": Target(0.0098, 0.006, 0.015, True, "pattern 4: Correlates of War IGO data 3.0"),
    "births": Target(1.0, 0.5, 2.0, True, "births of .85 % of organizations a year; width: Poisson over fifteen years"),
    "votes_lost": Target(7.0, 6.0, 8.0, True, "Article 19: six to eight states in a typical year"),
    "threat_rate": Target(
        0.0002, 0.0001, 0.0004, True, "130 threats since 1980; recorded within a factor of 2 (assumed)"
    ),
    "threats_met": Target(0.25, 0.05, 0.5, False, "most threats fail; the middle of the band is an assumption"),
    "turnover": Target(
        0.144, 0.12, 0.17, False, "changes of government at elections a year in 35 democracies, 1995-2022 (ParlGov)"
    ),
    "us_return": Target(0.5, 0.3, 0.7, False, "about half of the exits of the United States undone within five years"),
    "exits_single": Target(0.70, 0.55, 0.85, False, "organization-years with an exit that have exactly one"),
    "refill_small": Target(0.7, 0.3, 1.1, False, "isolated cuts of 2017-19, net of growth elsewhere"),
    "refill_small_later": Target(0.45, 0.15, 0.9, False, "a third of such rises was gone after a year"),
    "refill_large": Target(-0.17, -0.5, 0.3, False, "cuts of 2023-24, net of growth elsewhere"),
    "refill_dues": Target(0.25, 0.0, 0.52, False, "lost dues: about 0 in UNESCO 1984, .49 to .52 in UNESCO 2011"),
    "followers": Target(0.75, 0.2, 1.8, True, "3 followers in four exits of the United States; width: Poisson"),
    "budget_cut": Target(0.19, 0.14, 0.25, False, "WHO and UNICEF 2025: a fifth"),
    "staff_per_budget": Target(0.8, 0.4, 1.2, False, "four cases: .16, .55, 1.2 and 1.24"),
    "cut_begins": Target(1.0, 0.0, 2.0, False, "six cases: at once to the second quarter after"),
    "drift_effectiveness": Target(0.0, -0.03, 0.03, False, "quiet: no drift in fifteen years without a shock"),
    "drift_legitimacy": Target(0.0, -0.03, 0.03, False, "quiet"),
    "drift_income": Target(0.0, -0.05, 0.05, False, "quiet"),
}
LEAST = 0.05
"""Share of the lower end of its band to which a pattern on a log scale is raised where less of it is seen, or none."""
POPULATION_QUARTERS, RETURN_QUARTERS = 24, 20


def pattern_values(values: Mapping[str, Any], number: int) -> dict[str, float]:
    """Return what one replicate at a point shows of every pattern; NaN where nothing can be told."""
    quiet = load_experiment("base", ["ensemble=off"]).with_values(values)
    return {
        **_quiet_world(quiet, number),
        **_population(quiet, number),
        **pooled(values, number),
        **_returns(load_experiment("us-exit-2026", ["quarters=44", "ensemble=off"]).with_values(values), number),
    }


def _quiet_world(experiment: Experiment, number: int) -> dict[str, float]:
    """Return births, votes lost, threats, changes of government and drift of the built-in world without a shock."""
    simulation = Simulation(experiment, (experiment.seed, number))
    world = simulation.world
    open_ = float((world.member * simulation.snapshot().leavable).sum())
    elections = Elections()
    run = record(simulation, elections)
    years = run.years
    kinds = Counter(event.kind for _, event in run.events)
    assembly = world.organization_codes.index("UN-RB")
    ended = kinds["concession"] + kinds["bluff"]
    drift = {name: float(values[-1] - values[0]) for name, values in run.measures.items()}
    return {
        "births": kinds["founded"] / years,
        "votes_lost": float(run.bodies["suspended_votes"][3::4, assembly].mean()),
        "threat_rate": kinds["threat"] / years / open_,
        "threats_met": kinds["concession"] / ended if ended else float("nan"),
        "turnover": changes_a_year(elections, world.state_codes, years),
        "drift_effectiveness": drift["effectiveness"],
        "drift_legitimacy": drift["legitimacy"],
        "drift_income": change(run, "total_income"),
    }


@cache
def _published() -> Tables:
    """Return the population of published sizes."""
    return published_population(2)


def _population(experiment: Experiment, number: int) -> dict[str, float]:
    """Return exits and deaths in a population of the published sizes, by year and membership or organization."""
    settings = {"world.start": "2015Q1", "quarters": POPULATION_QUARTERS}
    simulation = Simulation(experiment.with_values(settings), (experiment.seed, number), _published())
    story, exposed = Story(), FieldValues({"seats": _open_seats, "bodies": _living}, start=True)
    simulation.run((story, exposed))
    kinds = Counter(event.kind for _, event in story.events if event.organization < simulation.world.built)
    announced = Counter(
        (event.organization, quarter // 4) for quarter, event in story.events if event.kind == "announce"
    )  # organization and year
    years = {name: values[:-1].sum() / 4 for name, values in exposed.values.items()}  # as they were before each quarter
    return {
        "exit_rate": kinds["announce"] / float(years["seats"]),
        "exits_single": sum(count == 1 for count in announced.values()) / len(announced) if announced else float("nan"),
        "death_rate": sum(kinds[kind] for kind in DEATHS) / float(years["bodies"]),
    }


def _open_seats(snapshot: Snapshot) -> Array:
    """Return the memberships in counted organizations of the start that can be left; a number."""
    return np.asarray((snapshot.world.member * snapshot.leavable)[:, : snapshot.world.built].sum())


def _living(snapshot: Snapshot) -> Array:
    """Return the number of counted organizations of the start."""
    return np.asarray(snapshot.world.in_scope[: snapshot.world.built].sum())


def _returns(experiment: Experiment, number: int) -> dict[str, float]:
    """Return the share of the leaver's exits that it has undone within five years."""
    simulation = Simulation(experiment, (experiment.seed, number))
    leaver = int(np.flatnonzero(simulation.actors)[0])
    gone: dict[str, int] = {}
    back: dict[str, int] = {}
    story = Story()
    simulation.run([story])
    for quarter, event in story.events:
        if event.actor == leaver and event.kind == "exit" and event.code in simulation.first_acts:
            gone.setdefault(event.code, quarter)
        elif event.actor == leaver and event.kind == "return" and event.code in gone:
            back.setdefault(event.code, quarter)
    undone = [code in back and back[code] - quarter <= RETURN_QUARTERS for code, quarter in gone.items()]
    return {"us_return": float(np.mean(undone)) if undone else float("nan")}

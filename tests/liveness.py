"""Which parameter moves anything, and in which scenario it can be seen."""

import dataclasses
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.config.sections import SECTIONS
from abm.data.world_tables import Tables
from abm.events import Event
from abm.measures import Snapshot
from abm.recording import Recording, Series, Story, Watcher, recordings
from abm.simulation import Simulation
from tests.worlds_small import cut_experiment, cut_tables

BODIES = ["WHO", "UNFCCC", "IMO", "ICC"]
SHOCKS: list[dict[str, Any]] = [
    {"kind": "exit", "actor": "USA", "organizations": BODIES, "announced": "2025Q1", "notice_quarters": 2},
    {"kind": "exit", "actor": "USA", "organizations": ["UNICEF"], "announced": "2025Q1"},
    {"kind": "exit", "actor": "JPN", "organizations": ["UNESCO"], "announced": "2025Q2", "notice_quarters": 1},
    {"kind": "threaten", "actor": "DEU", "organizations": ["WTO", "IFAD", "UNESCO"], "announced": "2025Q1",
     "deadline_quarters": 2},
    {"kind": "obstruct", "actor": "USA", "organizations": ["UN-RB", "WTO", "Paris Agreement"], "announced": "2025Q1",
     "strength": 1.0},
    {"kind": "rhetoric", "actor": "BRA", "organizations": ["UN-PKO"], "announced": "2025Q2", "strength": 1.0},
    {"kind": "sanction", "actor": "USA", "organizations": ["ICC", "WTO"], "announced": "2025Q2", "strength": 0.6},
    {"kind": "unilateral_act", "actor": "IND", "issue_area": "climate-environment", "announced": "2025Q1"},
    {"kind": "change_government", "actor": "GBR", "government": "sovereigntist", "announced": "2025Q4"},
    {"kind": "return", "actor": "USA", "organizations": ["UNFCCC"], "announced": "2026Q3"},
    {"kind": "exit", "actor": "USA", "organizations": ["UNFCCC"], "announced": "2027Q1", "notice_quarters": 1},
]  # fmt: skip
QUARTERS = 14
CLOSE: dict[str, Any] = {"rtol": 1e-12, "atol": 0, "equal_nan": True}
# So that in a short run of a small world every rule has something to do.
LIVELY: dict[str, Any] = {
    "clubs.intercept": -4.0, "voice.threat_rate": 0.02, "dues.lapse_rate": 0.3, "membership.intercept": -4.0,
    "vitality.death_log_odds": -4.0,
}  # fmt: skip
EXITS = [
    {"kind": "exit", "actor": actor, "organizations": ["UN-RB", "OECD", "WHO", "IMO"], "announced": "2025Q2",
     "notice_quarters": 0}
    for actor in ("BRA", "DEU", "FRA", "GBR", "IND", "KEN", "ZAF")
]  # fmt: skip
EXODUS = [
    {"kind": "exit", "actor": ["FRA", "GBR", "JPN", "USA"], "organizations": ["OECD"], "announced": "2025Q2",
     "notice_quarters": 0}
]  # fmt: skip
LATE = [{"kind": "exit", "actor": "USA", "organizations": BODIES, "announced": "2026Q2", "notice_quarters": 0}]
WITHHELD = [
    {
        "kind": "withhold_dues",
        "actor": ["CHN", "USA", "JPN"],
        "organizations": ["WHO", "IMO", "UNESCO", "UN-RB"],
        "announced": "2025Q1",
    }
]
GOVERNMENTS = [
    {"kind": "change_government", "actor": "USA", "government": "internationalist", "announced": "2025Q4"},
    {"kind": "change_government", "actor": "USA", "government": "sovereigntist", "announced": "2026Q4"},
]
MANY = ["BRA", "DEU", "FRA", "GBR", "IND", "JPN", "KEN", "ZAF"]
DISCIPLINE = [
    {"kind": "discipline", "actor": MANY, "organizations": ["WHO", "IMO", "WTO", "ICC"], "announced": "2025Q2",
     "strength": 0.8},
]  # fmt: skip
NOTICES = [
    {"kind": "exit", "actor": ["USA", *MANY], "organizations": BODIES, "announced": "2025Q1", "notice_quarters": 8},
    {"kind": "change_government", "actor": "USA", "government": "internationalist", "announced": "2025Q3"},
    {"kind": "change_government", "actor": MANY, "government": "sovereigntist", "announced": "2025Q4"},
]  # fmt: skip
PRESSED = [
    {"kind": "press", "actor": ["USA", "CHN"], "organizations": ["WHO", "IMO", "WTO", "UN-RB", "UNESCO"],
     "announced": quarter}
    for quarter in ("2025Q1", "2026Q1", "2027Q1")
]  # fmt: skip
RETURNING = {
    "shocks": SHOCKS + GOVERNMENTS + EXITS, "membership.return_rate": 0.5, "membership.new_party_return_rate": 0.6,
    "quarters": 24,
}  # fmt: skip
THREATS = [{"kind": "threaten", "actor": "USA", "organizations": ["WTO", "UNESCO", "IFAD"], "announced": "2025Q1"}]
AFTER_THREATS = [
    {"kind": "exit", "actor": ["CHN", "DEU", "FRA", "JPN"], "organizations": ["WTO", "UNESCO", "IFAD"],
     "announced": "2026Q3"},
]  # fmt: skip
MOBILIZED = {"shocks": EXITS, "politics.mobilization_log_odds": 3.0, "exits.mobilization_gain": 0.5}
LOBBIED = {
    "exits.lobby_response": 2.0, "exits.lobby_fading": 0.3, "membership.lobby_log_odds": 2.0,
    "membership.intercept": -2.0, "funding.lobby_weight": 1.0,
}  # fmt: skip
LOUD = {"voice.dissatisfaction_log_odds": 12.0, "legitimacy.blame_weight": 5.0}
LOT = {"vitality.decision_members": 2.0, "vitality.decision_staff": 1e6}  # by lot, not by decision
MORTAL = LOT | {"vitality.death_log_odds": -1.0}
DEADLY = LOT | {"vitality.death_log_odds": 0.0, "quarters": 24}
REVIEWED = {"shocks": SHOCKS + GOVERNMENTS, "legitimacy.blame_weight": 3.0, "membership.review_bar": 0.1,
            "membership.review_probability": 1.0}  # fmt: skip
# What a parameter needs beyond that to be seen: further values, and other shocks.
NEEDS: dict[str, dict[str, Any]] = {
    "scheduled_shocks.censure_weight": {"membership.intercept": -1.0, "membership.censure_log_odds": 5.0},
    "membership.censure_log_odds": {"membership.intercept": -1.0, "scheduled_shocks.censure_weight": 5.0},
    "politics.mobilization_log_odds": MOBILIZED | {
        "politics.mobilization_log_odds": 0.0, "politics.contested_swing": -1.0, "quarters": 24,
    },
    "politics.mobilization_decay": MOBILIZED,
    "exits.mobilization_gain": MOBILIZED,
    "exits.lobby_response": LOBBIED | {"exits.lobby_response": 0.0},
    "exits.lobby_fading": LOBBIED,
    "funding.lobby_weight": LOBBIED | {"membership.lobby_log_odds": 0.0, "funding.lobby_weight": 0.0},
    "funding.pooling_from": {
        "shocks": LATE, "funding.pooling": 0.5, "funding.fund_quarters": 4.0, "funding.pooling_from": 3,
    },
    "dues.lost_vote_demobilization": MOBILIZED | {
        "shocks": WITHHELD, "politics.mobilization_log_odds": 3.0, "politics.mobilization_decay": 0.0,
    },
    "funding.fund_quarters": {"shocks": LATE, "funding.slack_share": 0.002, "funding.slack_of_gdp": 0.0},
    "dues.waiver_probability": {"dues.lapse_rate": 1.0, "dues.recovery_rate": 0.01, "dues.waiver_probability": 0.6},
    **{f"vitality.{key}": MORTAL for key in (
        "death_log_odds", "members_log_odds", "staff_log_odds", "decision_members")},
    "vitality.usual_staff": DEADLY | {
        "vitality.decision_members": 2.0, "vitality.usual_staff": 20.0, "vitality.staff_log_odds": -3.0,
    },
    "vitality.decision_staff": MORTAL,
    "vitality.decision_rate": {"quarters": 24, "vitality.decision_rate": 0.05},
    "vitality.least_members": {"shocks": EXODUS},
    "vitality.inactivity_log_odds": LOT | {"vitality.death_log_odds": 0.0, "vitality.zombie_threshold": 0.95},
    "clubs.power_log_odds": {"clubs.intercept": -5.0},
    "clubs.salience_log_odds": {"clubs.intercept": -3.0},
    "clubs.invited": {"clubs.invited": 5.0},  # of fourteen states
    "clubs.invitation_distance": {"clubs.invited": 5.0},
    "clubs.leaders_invited": {"clubs.leaders_invited": 5.0},
    "clubs.stability_rounds": {"clubs.stability_rounds": 1.0},
    "clubs.autonomy": {
        "quarters": 24, "clubs.intercept": -2.0, "voice.threat_rate": 0.05, "voice.exit_value_mean": 3.0,
        "vitality.death_log_odds": -6.0,
    },
    "clubs.staff_size": DEADLY | {"clubs.intercept": -2.0},
    "clubs.admission_trust": {
        "clubs.intercept": -2.0, "clubs.exclusive_probability": 1.0, "clubs.joining_rate": 1.0,
    },
    "legitimacy.lowest_log_aim": {
        "shocks": SHOCKS + EXITS, "legitimacy.blame_weight": 5.0, "legitimacy.blame_decay": 0.0,
    },
    "legitimacy.highest_log_aim": {
        "legitimacy.fit_weight": 2.0, "legitimacy.performance_weight": 3.0, "legitimacy.universality_weight": 3.0,
        "legitimacy.blame_weight": 0.0, "legitimacy.memory_rate": 0.0, "voting.step": 0.5, "quarters": 24,
    },
    "operations.largest_staff_elasticity": {"quarters": 24},
    "clubs.exclusive_distrust": {"clubs.intercept": -2.0},
    "membership.participation_log_odds": {"membership.intercept": -2.0},
    "voice.loudest": LOUD | {"voice.threat_rate": 0.001},
    "voice.largest_rate": LOUD | {"voice.threat_rate": 0.05},
    "voice.doubt": {
        "voice.threat_rate": 0.05, "voice.exit_value_mean": -1.0, "voice.need_threshold": 0.0, "voice.bluff_cost": 1.0,
        "quarters": 24,
    },
    "funding.least_luck": {"funding.chance_spread": 0.5, "funding.climate_spread": 0.3},
    "voice.need_threshold": {"shocks": THREATS, "voice.exit_value_mean": 3.0},
    "voice.need_spread": {"voice.need_threshold": 0.2, "voice.exit_value_mean": 3.0, "voice.threat_rate": 0.05},
    "voice.experience_gain": {
        "shocks": THREATS + AFTER_THREATS, "voice.exit_value_mean": -3.0, "response.notable_share": 0.0,
        "response.sensitivity": 30.0,
    },
    "voice.concession": {"shocks": THREATS, "voice.exit_value_mean": 3.0},
    "membership.decline_log_odds": {"politics.baseline": "moving", "membership.intercept": -1.0},
    "membership.review_bar": REVIEWED,
    "membership.review_probability": REVIEWED,
    "membership.review_sovereigntism": REVIEWED | {"membership.review_sovereigntism": 0.7},
    "membership.distance_from": {"membership.intercept": -2.0},
    "membership.reciprocity_log_odds": {"shocks": SHOCKS + EXITS},
    **{f"membership.{key}": RETURNING for key in ("return_rate", "revolving_swing", "inside_power")},
    "membership.new_party_return_rate": {
        "shocks": SHOCKS + GOVERNMENTS, "membership.new_party_return_rate": 0.9, "quarters": 24,
    },
    "membership.additivity": {"shocks": SHOCKS + EXITS, "membership.intercept": -5.0},
    "membership.joint_power": {"membership.joint_allies": 5.0, "membership.intercept": -2.0},
    "membership.rival_log_odds": {"membership.intercept": -2.0},
    "membership.reaction": {"shocks": DISCIPLINE},
    "membership.solidarity": {"shocks": DISCIPLINE, "membership.reaction": 1.0},
    "membership.grievance_fading": {"shocks": DISCIPLINE},
    "membership.withdrawal_rate": {"shocks": NOTICES, "membership.withdrawal_rate": 0.4},
    "membership.turn_withdrawal": {"shocks": NOTICES},
    **{f"voting.discipline_{key}": {"voting.discipline_rate": 0.01, "membership.reaction": 1.0} for key in (
        "rate", "distance", "strength")},
    "voting.press_pressure": {"shocks": PRESSED},
    **{f"initialization.growth_{key}": {"politics.baseline": "moving"} for key in (
        "poorest", "slope", "income", "richest")},
    "initialization.cost_per_staff": MORTAL,
    "initialization.measured_purses": {"world.start": "2019Q1", "shocks": []},
    "initialization.fragile_income": {"initialization.fragile_rate": 22.0, "dues.lapse_rate": 1.0},
    **{f"initialization.effectiveness_{end}": {"initialization.effectiveness_spread": 1.0} for end in ("low", "high")},
    "initialization.long_term_probability": {"quarters": 24, "politics.contested_swing": -1.0},
    "initialization.short_term": {"quarters": 24, "politics.contested_swing": -1.0},
    "initialization.expertise_security": {"shocks": [
        {"kind": "exit", "actor": "USA", "organizations": ["UN-PKO"], "announced": "2025Q1"}]},
    "initialization.longest_lapse": {"dues.lapse_rate": 1.0, "dues.recovery_rate": 0.01},
    "initialization.trust_limit": {"initialization.trust_of_agreement": 5.0},
    "initialization.ambition_high": {"initialization.ambition_power": 1.0},
    "synthetic.lead": {"world.states": 5},
    "synthetic.rate_floor": {"world.states": 400, "world.organizations": 5},
    "synthetic.founding_spread": {"world.start": "2021Q1", "quarters": 26, "world.organizations": 200},
    "synthetic.parent_from": {"synthetic.parent_from": 1},
}  # fmt: skip
SYNTHETIC = {"world.source": "synthetic", "world.states": 24, "world.organizations": 40}
# Cells of the cut-out that are emptied for parameters that fill blank cells.
BLANKS: dict[str, tuple[str, str]] = {
    "initialization.blank_autonomy": ("organizations", "autonomy"),
    "initialization.cost_per_staff": ("organizations", "staff"),
    "initialization.long_term_probability": ("states", "term_years"),
}


# Shipped scenarios, and how many quarters of them, in which a parameter is looked for; the first usually does.
SCENARIOS = {
    "us-exit-2026": 20,
    "obstruct": 12,
    "threat": 12,
    "revolving-door": 60,
    "total-exit": 60,
    "base": 60,
    "rhetoric": 20,
    "unilateral-act": 40,
}
# What no shipped scenario shows, and why; the short, eventful run does.
SLEEPERS: dict[str, str] = {
    "politics.mobilization_decay": "mobilization is off by default",
    "exits.mobilization_gain": "mobilization is off by default",
    "exits.lobby_response": "lobbies decide nothing by default",
    "exits.lobby_fading": "no lobby is mobilized by default",
    "funding.lobby_weight": "no lobby is mobilized by default",
    "funding.pooling_from": "there are no regional funds by default",
    "voice.largest_rate": "threats are far rarer by default",
    "voice.doubt": "who threatens has hardly lost credibility by default",
    "legitimacy.lowest_log_aim": "no view falls so far by default",
    "dues.lost_vote_demobilization": "mobilization is off by default",
    "voting.press_pressure": "no shipped scenario presses one resolution",
    "membership.decline_log_odds": "shares of the world's GDP stand still by default",
    "scheduled_shocks.censure_weight": "one act makes exits too little likelier for any to be drawn",
    "membership.censure_log_odds": "one act makes exits too little likelier for any to be drawn",
    "membership.review_sovereigntism": "views hardly fall far enough for a review to drop anything",
    "vitality.decision_rate": "large organizations hardly ever end by default",
    "initialization.cost_per_staff": "the built-in world has budgets without staff in hardly any organization",
    "initialization.blank_autonomy": "the built-in world has no blank autonomy",
    **{f"initialization.growth_{key}": "the baseline stands still by default" for key in (
        "poorest", "slope", "income", "richest")},
    **{f"synthetic.{key}": "shipped scenarios take place in the built-in world" for key in (
        SECTIONS["synthetic"].model_fields)},
}  # fmt: skip


def limits(field: Any) -> tuple[float, float] | None:
    """Return the range of a number of a Parameters class; None for a structural choice."""
    bounds = {type(limit).__name__: limit for limit in field.metadata}
    return (float(bounds["Ge"].ge), float(bounds["Le"].le)) if "Ge" in bounds else None


def alternatives(path: str, usual: bool = True) -> list[Any]:
    """Return the values to which a parameter is moved: its low and high, or the other choices.

    `usual` says whether it is moved from its value in the short, eventful experiment or from its default.
    """
    section, key = path.split(".")
    parameters = SECTIONS[section]
    field = parameters.model_fields[key]
    ends = limits(field)
    values = list(ends) if ends else list(getattr(field.annotation, "__args__", ()))
    here = getattr(parameters(), key)
    if usual:
        here = NEEDS.get(path, {}).get(path, LIVELY.get(path, here))
    return [value for value in values if value != here]


PATHS = [f"{name}.{key}" for name, section in SECTIONS.items() for key in section.model_fields]


@cache
def lively() -> Experiment:
    """Return the short, eventful experiment on the cut-out of the real world."""
    return cut_experiment(quarters=QUARTERS, shocks=SHOCKS).with_values(LIVELY)


class Usual:
    """A run that others are compared with: it goes on only as far as they do."""

    def __init__(self, experiment: Experiment, tables: Tables | None) -> None:
        self._coming = recordings(Simulation(experiment, (5, 0), tables))
        self._found: Recording | None = None

    def after(self, quarters: int) -> Recording:
        """Return the recording of so many quarters, or of more."""
        while self._found is None or len(self._found.quarters) < quarters:
            self._found = next(self._coming)
        return self._found


class MovedError(Exception):
    """A run has come to differ from another one."""


class Beside(Watcher):
    """Ends a run by MovedError in the first quarter in which an event or, beyond rounding, a measure differs."""

    def __init__(self, usual: Usual) -> None:
        self.usual = usual
        self.series, self.story = Series(), Story()

    def begin(self, simulation: Simulation) -> None:
        self.series.begin(simulation)

    def after_quarter(self, snapshot: Snapshot, events: Sequence[Event]) -> None:
        for part in (self.series, self.story):
            part.after_quarter(snapshot, events)
        place, quarter = len(self.series.quarters) - 1, snapshot.world.quarter
        usual = self.usual.after(place + 1)
        told = [event for when, event in usual.events if when == quarter]
        if told != list(events) or any(
            not np.allclose(getattr(self.series, part)[place], getattr(usual.series, part)[place], **CLOSE)
            for part in ("system", "bodies", "states")
        ):
            raise MovedError


def moves(usual: Usual, experiment: Experiment, tables: Tables | None) -> bool:
    """Return whether a run of an experiment differs from the usual one, quarter for quarter."""
    try:
        Simulation(experiment, (5, 0), tables).run((Beside(usual),))
    except MovedError:
        return True
    return False


@cache
def blank_tables(table: str, column: str) -> Tables:
    """Return the cut-out with every second cell of a column empty."""
    tables = cut_tables()
    whole = getattr(tables, table)
    cells = whole[column].astype(float)  # a copy
    cells[::2] = np.nan
    return dataclasses.replace(tables, **{table: whole.replaced(**{column: cells})})


def scene(path: str) -> tuple[Experiment, Tables | None]:
    """Return the short experiment in which a parameter is looked for, and its tables (None: its own)."""
    needs = NEEDS.get(path, {})
    if path.startswith("synthetic."):
        return lively().with_values(SYNTHETIC | needs), None
    if path == "initialization.expertise_energy":  # the cut-out has no body of energy
        return lively(), None
    return lively().with_values(needs), blank_tables(*BLANKS[path]) if path in BLANKS else cut_tables()


@cache
def _usual(path: str) -> Usual:
    return Usual(*scene(path))


def idle_values(path: str) -> list[Any]:
    """Return those values of a parameter at which the short run is as at its default: none, if it is alive."""
    experiment, tables = scene(path)
    alone = path in NEEDS or path in BLANKS or tables is None
    usual = _usual(path if alone else "")
    return [value for value in alternatives(path) if not moves(usual, experiment.with_values({path: value}), tables)]


@cache
def _shipped(scenario: str, quarters: int) -> tuple[Experiment, Usual]:
    experiment = load_experiment(scenario).model_copy(update={"quarters": quarters})
    return experiment, Usual(experiment, None)


def idle_in_shipped_scenarios(path: str) -> list[Any]:
    """Return those values of a parameter that move none of the shipped scenarios; stops at the first that moves."""
    values = alternatives(path, usual=False)
    for scenario, quarters in SCENARIOS.items():
        experiment, usual = _shipped(scenario, quarters)
        idle = [value for value in values if not moves(usual, experiment.with_values({path: value}), None)]
        if len(idle) < len(values):
            return idle
    return values

"""Random small experiments: worlds, parameters anywhere in their ranges, structural choices, shocks of every kind."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from abm.config.experiment import Experiment
from abm.config.reader import load_experiment
from abm.data.world_tables import Tables
from abm.schedule import PROCESSES
from abm.shocks.kinds import LASTING, SHOCKS
from tests.liveness import limits
from tests.worlds_small import BODIES, STATES, cut_tables, narrowed, random_generator

QUARTERS = 9
LIVELY: dict[str, Any] = {
    "clubs.intercept": -3.0, "voice.threat_rate": 0.05, "voice.dissatisfaction_log_odds": 12.0, "dues.lapse_rate": 0.8,
    "membership.intercept": -1.5, "membership.return_rate": 0.5, "membership.new_party_return_rate": 0.8,
    "politics.turnover_probability": 0.6, "exits.lead_share": 0.05, "membership.review_bar": 0.02,
    "membership.review_probability": 0.7, "membership.solidarity": 1.5,
    "scheduled_shocks.censure_weight": 3.0, "vitality.zombie_threshold": 0.95,
    "membership.review_sovereigntism": 0.5, "membership.participation_log_odds": 1.0, "clubs.invited": 7.0,
    "clubs.leaders_invited": 9.0, "leadership.purse_share": 1e-6, "legitimacy.highest_log_aim": 0.1,
    "voting.discipline_rate": 0.02, "membership.withdrawal_rate": 0.4, "membership.revolving_swing": 0.1,
    "voice.loudest": 3.0, "clubs.stability_rounds": 1.0, "exits.credibility_cost": 0.2,
}  # fmt: skip
"""So that in a short run every rule has something to do."""
LAST = (
    "legitimacy.rally_weight", "commitment.rally_weight", "response.rally_weight", "operations.obstruction_weight",
)  # fmt: skip
"""Drawn after all others, so that the worlds of a number are those that they were without them."""
OFF = (
    "politics.mobilization_log_odds", "funding.bandwagon", "funding.pooling", "funding.domestic_response",
    "commitment.impunity_weight", "membership.lobby_log_odds", "membership.rival_log_odds",
    "membership.propensity_spread", "membership.midterm_log_odds", "exits.lobby_response",
    "funding.lobby_weight",
    "funding.conditional_giving", "funding.fund_quarters", "legitimacy.recipient_weight",
    "dues.lost_vote_demobilization", "legitimacy.presence_memory_rate", "trust.label_weight",
    "membership.decline_log_odds", "vitality.members_log_odds", "vitality.inactivity_log_odds",
    *LAST,
)  # fmt: skip
"""Off by default: drawn in every other world."""
OPTIONS: dict[str, list[Any]] = {
    "notice_quarters": [0, 1, 2, "by_body"], "mode": ["bargain", "decouple"], "audit_quarters": [0, 1, 2],
    "demand": ["actor", [1.0, -0.5]], "deadline_quarters": [1, 2, 3],
    "government": ["sovereigntist", "internationalist"], "club": ["deep", "leaders"],
    "action": ["censure", "sanction", "suspend", "expel"], "position": [[1.0, -0.5], [-0.4, 0.2]],
    "issue_area": ["health", "climate-environment", "trade-finance"],
}  # fmt: skip

TREATIES = ["Paris Agreement", "WHO", "UNFCCC"]

OFTEN = [
    "exit", "exit", "threaten", "return", "discipline", "press", "stop_participation", "unilateral_act", "obstruct",
    "withhold_dues",
]  # fmt: skip


def drawn(number: int, quarters: int = QUARTERS) -> tuple[Experiment, Tables | None]:
    """The experiment of a number, and its tables where they are no synthetic ones.

    Every fourth world is a cut-out of the real one (every kind, rule and form of exit) in a random order of rows, so
    that draw ids differ from rows; every 25th is synthetic and large enough to leave states uninvited to clubs.
    """
    random = random_generator("rules", number)
    sizes = {"states": int(random.integers(6, 15)), "organizations": int(random.integers(4, 9))}
    sizes |= {"states": 40} if number % 25 == 24 else {}
    world: dict[str, Any] = {"source": "synthetic", **sizes}
    states, bodies = codes("S", sizes["states"]), codes("O", sizes["organizations"])
    tables = None
    if number % 4 == 3:
        states, bodies = list(random.permutation(STATES)), list(random.permutation(BODIES))
        world, tables = {"source": "real"}, narrowed(cut_tables(), states, bodies)
    start = f"2025Q{random.integers(1, 5)}"
    world |= {"start": start, "seed": int(random.integers(1000))}
    shocks = [shock(random, start, quarters, states, bodies) for _ in range(int(random.integers(3, 11)))]
    plan = {"world": world, "quarters": quarters, "shocks": shocks}
    deadly = {"vitality.death_log_odds": float(random.choice([-2.5, -1.0, 0.0]))}
    deadly |= {"vitality.decision_staff": 3000.0, "vitality.decision_members": [0.8, 2.0][number % 2]}
    deadly |= {"vitality.staff_log_odds": [-0.45, -0.1][number % 2]}  # so that large children of a parent die, too
    return load_experiment(plan).with_values(LIVELY | deadly | parameters(random)), tables


def codes(letter: str, count: int) -> list[str]:
    """The codes of a synthetic world."""
    return [f"{letter}{row:03d}" for row in range(1, count + 1)]


def parameters(random: np.random.Generator) -> dict[str, Any]:
    """A tenth of the parameters (in every fifth world half) anywhere in their range, in every other world none."""
    values: dict[str, Any] = {}
    share = float(random.choice([0.0, 0.0, 0.1, 0.1, 0.5]))
    fields = {
        f"{name}.{key}": field
        for name, process in PROCESSES.items()
        for key, field in process.parameters.model_fields.items()
    }
    for path in sorted(fields, key=LAST.__contains__):
        field, ends = fields[path], limits(fields[path])
        if random.random() < (max(share, 0.4) if path in OFF or not ends else share):
            values[path] = within(random, *ends, whole=field.annotation is int) if ends else chosen(random, field)
    return values


def within(random: np.random.Generator, low: float, high: float, whole: bool) -> float:
    """A number of a range, ends included where it must be whole."""
    return int(random.integers(int(low), int(high), endpoint=True)) if whole else random.uniform(low, high)


def chosen(random: np.random.Generator, field: Any) -> str:
    """One of the structural choices of a parameter."""
    return str(random.choice(field.annotation.__args__))


def later(start: str, number: int) -> str:
    """The quarter so many after a start in 2025."""
    place = int(start[-1]) - 1 + number
    return f"{2025 + place // 4}Q{place % 4 + 1}"


def some(random: np.random.Generator, known: Sequence[str], most: int) -> list[str]:
    """One to `most` of the known codes."""
    count = min(len(known), int(random.integers(1, most + 1)))
    return [str(code) for code in random.choice(known, size=count, replace=False)]


def shock(
    random: np.random.Generator, start: str, quarters: int, states: Sequence[str], bodies: Sequence[str]
) -> dict[str, Any]:
    """A shock of any kind, departures more often, by one or two of a few states."""
    kind = str(random.choice([*sorted(SHOCKS), *OFTEN]))
    fields = SHOCKS[kind].model_fields
    announced = int(random.integers(0, quarters - 2))
    plan: dict[str, Any] = {
        "kind": kind,
        "actor": some(random, states[:3], 2),
        "announced": later(start, announced),
        "probability": float(random.choice([1.0, 1.0, 1.0, 0.5])),
    }
    conditions = [None, "sovereigntist", "internationalist"]
    if "organizations" in fields:
        plan["organizations"] = some(random, bodies, len(bodies))
        if kind == "leave_treaty":  # must name a treaty
            plan["organizations"] = TREATIES if set(TREATIES) <= set(bodies) else {"kind": "treaty"}
        plan["stagger_quarters"] = int(random.choice([0, 0, 1, 2]))
        conditions += ["member"]
    if random.random() < 0.3:
        plan["condition"] = conditions[int(random.integers(len(conditions)))]
    if kind not in LASTING and random.random() < 0.6:
        plan["until"] = later(start, int(random.integers(announced + 1, quarters)))
    for name in [name for name in OPTIONS if name in fields]:
        plan[name] = OPTIONS[name][int(random.integers(len(OPTIONS[name])))]
    for name in ("fraction", "strength", "share", "bar", "settle_arrears"):
        if name in fields:
            plan[name] = float(random.random())
    return plan

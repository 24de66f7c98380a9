"""Outcomes: what is computed from a run and from its comparison with the counterfactual, each defined once.

`OUTCOMES` holds those that are one number, with unit and meaning. Command, report, page, sweep and study read it: an
outcome that is added here appears in all of them. An outcome is a function of a `Recording` ("run"), of a `Comparison`
("pair"), or of the recording of a run without shocks ("twin"); it is NaN where it does not apply. The others are more
than one number: followers by state and organization, refill by organization and donor, troughs.

To add one:

    outcome("threats_total", lambda run: float(run.count("threat")), "threats", "threats to leave made over the run")

The page also needs its words in both languages, `viz/words/page.*.json`; see "Add an outcome" in CONTRIBUTING.md.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np

from abm.calendar import format_quarter
from abm.comparison import Comparison
from abm.deciding_rule import UNDECIDED
from abm.events import Event
from abm.measures import MEASURES, names
from abm.quiet import change, quiet
from abm.recording import Recording
from abm.regime_outcomes import ORDER_OUTCOMES
from abm.state.world import Array

FOLLOWING_QUARTERS = 12
"""Quarters after the first act on an organization within which an exit that another state announces follows it."""
REFILL_QUARTERS = (4, 8, 12)
"""Quarters after money first falls at which refill is measured."""
NEGLIGIBLE_LOSS = 0.001
"""Share of an organization's yearly budget below which a loss of money does not count."""
CUT_QUARTERS = (4, 8)
"""Quarters after the first act on an organization at which cuts of budget and staff are measured."""
DEATHS = ("death", "replaced")
"""Kinds of events that end an organization."""
TROUGHS = tuple(f"shocked.{name}" for name in ("effectiveness", "budget", "staff", "legitimacy", "commitment"))
"""Measures whose lowest effect is an outcome."""
NOTHING = float("nan")


class Follower(NamedTuple):
    """Another state that announces its exit from an organization, `lag` quarters after the first act on it.

    `rule` is the rule that decides its exit, "none" where no single one does; see `abm.deciding_rule`.
    """

    state: str
    organization: str
    quarter: int
    lag: int
    rule: str


class Refill(NamedTuple):
    """Refill of one organization.

    `share` is what others give in addition, over what is lost; `parts` is the same by donor (donor,). `lost` is the
    largest loss in USD a year, `lost_share` that loss over the yearly budget. `missing` is the loss in the twelve
    months measured.
    """

    share: float
    parts: Array
    lost: float
    lost_share: float
    missing: float


class Trough(NamedTuple):
    """The lowest effect on a measure over the run (the highest where more is worse), and its quarter (an index)."""

    effect: float
    quarter: int


def following(
    events: Iterable[tuple[int, Event]],
    first_acts: Mapping[str, int],
    acting: Container[int],
    within: int | None = FOLLOWING_QUARTERS,
) -> Iterator[tuple[int, Event]]:
    """Yield quarter and event of every exit that another state announces from an organization after an act on it.

    `first_acts` holds by code the quarter of the first act on each organization (its announcement). `within` is the
    number of quarters after which an announcement no longer follows it, None for no limit. `acting` holds the rows of
    the states that act, which cannot follow.
    """
    for quarter, event in events:
        if event.kind == "announce" and event.code in first_acts and event.actor not in acting:
            lag = quarter - first_acts[event.code]
            if lag >= 0 and (within is None or lag <= within):
                yield quarter, event


def followings(recording: Recording, within: int | None = FOLLOWING_QUARTERS) -> Iterator[Follower]:
    """Yield every exit that another state announces from a shocked organization; see `following`."""
    simulation = recording.simulation
    acting = set(np.flatnonzero(simulation.actors).tolist())
    for quarter, event in following(recording.events, simulation.first_acts, acting, within):
        lag = quarter - simulation.first_acts[event.code]
        yield Follower(simulation.world.state_codes[event.actor], event.code, quarter, lag, str(event.details["rule"]))


def followers(recording: Recording, within: int | None = FOLLOWING_QUARTERS) -> list[Follower]:
    """Return who follows: the first announcement of each state in each organization; see `followings`."""
    found: dict[tuple[str, str], Follower] = {}
    for one in followings(recording, within):
        found.setdefault((one.state, one.organization), one)
    return list(found.values())


def following_states(runs: Sequence[Sequence[Follower]]) -> dict[str, float]:
    """Return the share of runs in which each state follows out of some organization, the most frequent state first."""
    found = Counter(state for run in runs for state in {one.state for one in run})
    return {state: found[state] / len(runs) for state in sorted(found, key=lambda state: (-found[state], state))}


def deciding_rules(runs: Sequence[Sequence[Follower]]) -> dict[str, float]:
    """Return the share of followers' exits that each rule decides, the most frequent rule first."""
    found = Counter(one.rule for run in runs for one in run)
    return {rule: found[rule] / found.total() for rule in sorted(found, key=lambda rule: (-found[rule], rule))}


def decided(run: Recording) -> float:
    """Return the share of followers' exits that one rule decides, NaN where nobody follows."""
    found = followers(run)
    return sum(one.rule != UNDECIDED for one in found) / len(found) if found else NOTHING


def refill(
    flows: Array, without: Array, leavers: Array, budget: float, after: int, usual: Array | None = None
) -> tuple[float, Array] | None:
    """Return refill of one organization and its parts by donor, None where the loss is negligible or the run too short.

    Refill is what other donors give in the twelve months that end `after` quarters after money first falls, less the
    same without the shock, over what the leavers no longer give. `flows` and `without` are money by quarter and donor,
    USD per quarter, (quarter, donor); `leavers` is 1 for the leaving donors; `budget` is the yearly budget. With
    `usual` (donor,), USD per quarter, both are compared with that, as by an observer who knows no world without the
    shock.
    """
    given, kept = flows @ leavers, without @ leavers
    first = first_loss(kept - given, budget)
    if first is None or first + after > len(flows):
        return None
    window = slice(first + after - 4, first + after)
    more = (flows - (without if usual is None else usual))[window].sum(axis=0)
    lost = -float(more @ leavers)
    if lost < NEGLIGIBLE_LOSS * budget:
        return None
    parts = more * (1 - leavers) / lost
    return float(parts.sum()), parts


def first_loss(lost: Array, budget: float) -> int | None:
    """Return the first quarter (0 is the first of the run) in which more than a negligible part of the budget is lost.

    `lost` is how much less the leavers give, USD per quarter (quarter,); `budget` is USD a year.
    """
    fell = np.flatnonzero(lost > NEGLIGIBLE_LOSS * budget / 4)
    return int(fell[0]) if fell.size else None


def refills(comparison: Comparison, after: int, seen: bool = False) -> dict[str, Refill]:
    """Return the refill of each shocked organization that lost money of its own leavers, by code.

    With `seen`, money is compared with the four quarters before it first fell, as an observer does; it then includes
    chance and the climate of donors. Otherwise it is compared with the world without the shock.
    """
    money, states = comparison.run.money, comparison.run.simulation.actors_on
    found = {}
    for code, budget in money.budgets.items():
        leavers = np.zeros(len(money.donors))
        leavers[list(states[code])] = 1.0
        flows, without = money.by_organization[code], comparison.money_without(code)
        losses = (without - flows) @ leavers
        first = first_loss(losses, budget)
        usual = money.before(code, first) if seen and first is not None else None
        answer = refill(flows, without, leavers, budget, after, usual)
        if answer is not None and first is not None:
            lost = float(losses.max(initial=0.0)) * 4
            base = without if usual is None else np.broadcast_to(usual, flows.shape)
            missing = float(((base - flows) @ leavers)[first + after - 4 : first + after].sum())
            found[code] = Refill(*answer, lost, lost / max(budget, 1.0), missing)
    return found


def refill_total(comparison: Comparison, after: int, seen: bool = False) -> float:
    """Return the refill of all organizations together: all that others give in addition over all that is missing."""
    found = refills(comparison, after, seen).values()
    missing = sum(one.missing for one in found)
    return sum(one.share * one.missing for one in found) / missing if missing else NOTHING


def refill_median(comparison: Comparison, after: int) -> float:
    """Return the median refill of organizations that lost money."""
    found = refills(comparison, after).values()
    return float(np.median([one.share for one in found])) if found else NOTHING


def cuts(comparison: Comparison, measure: str, after: int, seen: bool = False) -> dict[str, float]:
    """Return by how much the budget or the staff of each shocked organization with money is cut, by code.

    A cut is 1 minus a ratio: the value `after` quarters after the first act on the organization over that without the
    shock. With `seen` it is over the value in the quarter before the act; the part of a cut that a bad year makes then
    counts too. Organizations that have ended by then, and acts too late in the run, are left out.
    """
    run, other = comparison.run, comparison.counterfactual
    row, found = names("body").index(measure), {}
    for code in run.money.budgets:
        acted = run.simulation.first_acts[code] - run.world.start
        body, place = run.world.organization_codes.index(code), acted + after
        if place >= len(run.quarters) or not run.series.alive[place][body]:
            continue
        if seen:
            usual = run.series.bodies[acted - 1][row, body] if acted else 1.0
        elif other is not None and other.series.alive[place][body]:
            usual = other.series.bodies[place][row, body]
        else:
            continue
        found[code] = 1 - float(run.series.bodies[place][row, body] / max(usual, 1e-9))
    return found


def cut_total(comparison: Comparison, measure: str, after: int) -> float:
    """Return the cut of all shocked organizations together: the mean weighted by budgets at rest."""
    found, budgets = cuts(comparison, measure, after), comparison.run.money.budgets
    weight = sum(budgets[code] for code in found)
    return sum(cut * budgets[code] for code, cut in found.items()) / weight if weight else NOTHING


def trough(comparison: Comparison, measure: str) -> Trough:
    """Return the worst effect on a measure over the run, and its quarter (the first if there are several)."""
    apart = comparison.difference(measure)
    worse = -apart if MEASURES[measure.removeprefix("shocked.")].better == "-" else apart
    place = int(worse.argmin())
    return Trough(float(apart[place]), comparison.run.quarters[place])


def saved_while_out(comparison: Comparison) -> float:
    """Return how much less the acting states pay to all organizations while any of them is out, USD over the run.

    A state is out if it takes no part in a shocked organization in which it takes part without the shock.
    """
    if comparison.counterfactual is None:
        return NOTHING
    out = np.array(comparison.run.series.away) > np.array(comparison.like.series.away)
    return float(comparison.difference("actor_saving")[out].sum()) if out.any() else NOTHING


@dataclass(frozen=True)
class Outcome:
    """One outcome: `function` computes one number; `better` is "+" or "-" where more is better or worse.

    `listed` is False for those that have their own place in report and page.
    """

    function: Callable[[Any], float]
    unit: str
    meaning: str
    made_of: Literal["run", "pair", "twin"] = "run"
    better: str = ""
    listed: bool = True


OUTCOMES: dict[str, Outcome] = {}


def outcome(name: str, function: Callable[[Any], float], unit: str, meaning: str, **others: Any) -> None:
    """Register an outcome under its name; `others` are the other fields of `Outcome`."""
    OUTCOMES[name] = Outcome(function, unit, meaning, **others)


outcome(
    "followers",
    lambda run: float(len(followers(run))),
    "exits",
    f"exits that others announce from shocked organizations within {FOLLOWING_QUARTERS // 4} years of the first act",
    better="-",
)
outcome(
    "followers_decided",
    decided,
    "1",
    "share of these exits that one rule decides: without it they would be less than half as likely",
)
outcome("followers_none", lambda run: float(not followers(run)), "1", "no state follows", better="+", listed=False)
outcome(
    "announcements_total",
    lambda run: float(run.measures["announcements"].sum()),
    "exits",
    "exits announced over the run, by all states from all organizations",
    better="-",
)
outcome(
    "exits_total",
    lambda run: float(run.measures["exits"].sum()),
    "exits",
    "exits that took effect over the run",
    better="-",
)
outcome("deaths_total", lambda run: float(run.count(*DEATHS)), "organizations", "organizations that ended")
outcome("clubs_born", lambda run: float(run.count("founded")), "organizations", "clubs founded")
outcome(
    "income_change",
    lambda run: change(run, "total_income"),
    "1",
    "relative change of the income of all organizations from the first quarter to the last",
    better="+",
)
outcome("quiet", quiet, "1", "a run without shocks that does not drift by itself", made_of="twin", listed=False)
for _after in REFILL_QUARTERS:
    outcome(
        f"refill_{_after}",
        partial(refill_median, after=_after),
        "1",
        f"share of the loss that others replace {_after} quarters after money falls, median over organizations",
        made_of="pair",
        better="+",
    )
for _after in REFILL_QUARTERS:
    outcome(
        f"refill_total_{_after}",
        partial(refill_total, after=_after),
        "1",
        f"share of the loss that others replace {_after} quarters after money falls, organizations weighted by loss",
        made_of="pair",
        better="+",
    )
for _after in REFILL_QUARTERS:
    outcome(
        f"refill_seen_{_after}",
        partial(refill_total, after=_after, seen=True),
        "1",
        f"the same {_after} quarters after, against the year before the loss, as an observer sees it",
        made_of="pair",
        better="+",
    )
for _measure in ("budget", "staff"):
    for _after in CUT_QUARTERS:
        outcome(
            f"{_measure}_cut_{_after}",
            partial(cut_total, measure=_measure, after=_after),
            "1",
            f"cut of {_measure} {_after} quarters after the first act, shocked organizations weighted by budget",
            made_of="pair",
            better="-",
        )
outcome(
    "saved_while_out",
    saved_while_out,
    "USD",
    "what the acting states pay less than without the shock while they are out of any shocked organization",
    made_of="pair",
)
for _name, _order in ORDER_OUTCOMES.items():
    outcome(_name, made_of="pair", **_order._asdict())


def outcome_names(*made_of: str) -> tuple[str, ...]:
    """Return the names of the outcomes that are made of a run, a pair or a twin."""
    return tuple(name for name, one in OUTCOMES.items() if one.made_of in made_of)


def outcomes_of_run(run: Recording) -> dict[str, float]:
    """Return the outcomes of one run by name. Those of a pair are NaN, and so are those of a twin if it is not one."""
    wanted = ("run", "twin") if run.is_twin else ("run",)
    return {name: one.function(run) if one.made_of in wanted else NOTHING for name, one in OUTCOMES.items()}


def outcomes_of_pair(comparison: Comparison) -> dict[str, float]:
    """Return the outcomes that a run and its counterfactual have together, by name."""
    return {name: OUTCOMES[name].function(comparison) for name in outcome_names("pair")}


def unfinite(run: Recording) -> str:
    """Return which measure is not a number, and when; "" if all are finite. A measure that applies to nothing is 0."""
    for name, values in run.measures.items():
        wrong = np.flatnonzero(~np.isfinite(values))
        if wrong.size:
            return f"{name} is {values[wrong[0]]} in {format_quarter(run.quarters[wrong[0]])}"
    return ""

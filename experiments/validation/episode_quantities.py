"""Quantities of an episode: what a run and its twin tell of an observation, or why they do not."""

from abm.outcomes import FOLLOWING_QUARTERS, first_loss, refill
from abm.state.world import Array
from experiments.validation.observations import parts
from experiments.validation.simulated_accounts import Books

LEAST_LOSS = 0.01
"""Share of income, or of the budget, below which ratios to it are not taken: they would be noise over nearly nil."""
LEAST_CUT = 0.05
"""Share of what the twin spends by which spending must lie below it, for a cut to have begun."""
DIED, SHORT = "organization died", "run too short"

type Told = float | str
"""A quantity of one run, or why the run does not tell it."""


class UndefinedQuantityError(Exception):
    """A run does not tell a quantity; the message says why."""


def value_or_reason(quantity: str, run: Books, twin: Books) -> Told:
    """Return one quantity of a pair of runs, or why they do not tell it."""
    try:
        return _measured(quantity, run, twin)
    except UndefinedQuantityError as reason:
        return str(reason)


def _measured(quantity: str, run: Books, twin: Books) -> float:
    """Return one quantity of a pair of runs. Raises UndefinedQuantityError."""
    kind, rest = parts(quantity)
    _reach(run.first_act, run)
    if not run.acted(twin):
        raise UndefinedQuantityError("no act took place")
    if kind in ("followers", "follower"):
        _reach(run.first_act + FOLLOWING_QUARTERS, run)
        followers = run.followers(FOLLOWING_QUARTERS)
        return float(rest[1:] in followers if rest else len(followers))
    if kind == "cut_begins":
        return _cut_begins(run, twin)
    after = int(rest[1:])
    return _back(after, run) if kind == "back" else _money(kind, after, run, twin)


def _cut_begins(run: Books, twin: Books) -> float:
    """Return the quarters until spending falls below the twin's; those to the end of the run where it never does."""
    since = run.first_act - run.start
    less = run.series["spending"][since:] < (1 - LEAST_CUT) * twin.series["spending"][since:]
    return float(less.argmax() if less.any() else len(less))


def _reach(quarter: int, *pair: Books) -> None:
    """Raise UndefinedQuantityError where an organization has died by a quarter, or the runs end before it."""
    if any(books.died_by(quarter) for books in pair):
        raise UndefinedQuantityError(DIED)
    if quarter > pair[0].end:
        raise UndefinedQuantityError(SHORT)


def _back(after: int, run: Books) -> float:
    """Return 1 where a leaver is back so many quarters after the effect, else 0. Raises UndefinedQuantityError."""
    if run.left is None:
        raise UndefinedQuantityError(DIED if run.died else SHORT if run.notice_runs else "nobody left")
    _reach(run.left + after, run)
    return float(run.back(after))


def _money(kind: str, after: int, run: Books, twin: Books) -> float:
    """Return a quantity of money or staff so many quarters after money first falls. Raises UndefinedQuantityError."""
    if not run.yearly_budget:
        raise UndefinedQuantityError("light organization without money of its own")
    lost = (twin.flows - run.flows) @ run.leavers  # (quarter,), USD per quarter
    fell = first_loss(lost, run.yearly_budget)
    first = run.first_act - run.start if fell is None else fell
    last = first + after - 1
    _reach(run.start + last, run, twin)
    if fell is None:
        raise UndefinedQuantityError(SHORT if run.notice_runs else "loss under .1 % of the budget")
    if kind == "refill":
        return _refill(after, first, lost, run, twin)
    if kind == "cut_per_loss":
        budget = 1 - run.series["budget"][last] / max(twin.series["budget"][last], 1e-9)
        year = slice(last - 3, last + 1)
        return _ratio(budget, lost[year].sum() / max(twin.series["income"][year].sum(), 1e-9), "share of income lost")
    budget, staff = (1 - run.series[name][last] / run.before(name) for name in ("budget", "staff"))
    if kind == "staff_per_budget":
        return _ratio(staff, budget, "cut of the budget")
    return float({"budget_cut": budget, "staff_cut": staff}[kind])


def _refill(after: int, first: int, lost: Array, run: Books, twin: Books) -> float:
    """Return refill in the year that ends so many quarters after the first loss. Raises UndefinedQuantityError."""
    loss, first_loss = lost[first + after - 4 : first + after].sum(), lost[first : first + 4].sum()
    outcome = refill(run.flows, twin.flows, run.leavers, run.yearly_budget, after)
    if outcome is None or loss < LEAST_LOSS * run.yearly_budget:
        raise UndefinedQuantityError("loss of that year under 1 % of the budget")
    if loss < first_loss / 2:  # the leaver pays again, and what others gave more would be set against next to nothing
        raise UndefinedQuantityError("loss of that year under half of the first year's")
    return outcome[0]


def _ratio(above: float, below: float, name: str) -> float:
    """Return a ratio. Raises UndefinedQuantityError where it is one to nearly nothing."""
    if below <= LEAST_LOSS:
        raise UndefinedQuantityError(f"{name} under 1 %")
    return float(above / below)

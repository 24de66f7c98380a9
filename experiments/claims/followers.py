"""Claims on who follows: exits, quiet neglect, cascades, impunity, censure."""

from collections.abc import Mapping

import numpy as np

from abm.comparison import Comparison
from abm.processes.membership import Membership
from abm.recording import Recording
from experiments.claims.claim import POINT, Case, Claim
from experiments.claims.quantities import (
    Rows,
    actor,
    bodies_called,
    change,
    concerned,
    left,
    mean,
    others,
    shocked,
    stayers,
    window,
)
from experiments.claims.watched_fields import HAZARD_EVERY

EXIT = Case("us-exit-2026")
DEPENDENTS = ("Paris Agreement", "GCF")
TENTH = 0.1
"""A change of log-odds of a tenth: exits become ten percent more likely."""


def years(first: int, last: int, run: Recording) -> slice:
    """Return the yearly records of log-odds of exit, taken in fourth quarters, of the years given."""
    start = run.world.start // HAZARD_EVERY
    return slice(first - start, last - start + 1)


def odds_change(pair: Comparison, state: int, bodies: Rows, first: int, last: int) -> float:
    """Return run minus twin of a state's log-odds of exit, mean over the organizations it may leave in both worlds."""
    when = years(first, last, pair.run)
    held = bodies & _may_leave(pair, state, first, last)
    return mean((pair.run.fields["log_odds"] - pair.twin.fields["log_odds"])[when, state][:, held])


def _may_leave(pair: Comparison, state: int, first: int, last: int) -> Rows:
    """Return the organizations that a state belongs to in both worlds through some years and that can be left."""
    held = pair.run.world.exit_form[: pair.run.world.built] < 2
    for one in (pair.run, pair.twin):
        held = held & (one.fields["participation"][window(pair.run, first, last), state].min(axis=0) > 0)
    return np.asarray(held)


def spillover(pairs: Mapping[str, Comparison]) -> float:
    """C05: commitment lost among the others over commitment lost by the leaver itself, 2027 to 2030.

    Each state's commitment counts by its influence on the organization in the twin.
    """
    pair = pairs["exit"]
    when = window(pair.run, 2027, 2030)
    lost = (pair.twin.fields["commitment"] - pair.run.fields["commitment"])[when]
    lost = (lost * pair.twin.fields["agenda_share"][when])[:, :, left(pair)]
    own = float(lost[:, actor(pair)].sum())
    return float(lost[:, others(pair)].sum()) / own if own > 0 else float("nan")


def batch_beats_staggered(pairs: Mapping[str, Comparison]) -> float:
    """C15: how much more legitimacy is lost two years after each exit when all come at once; 0: as much."""
    losses = [_aligned_loss(pairs[name]) for name in ("batch", "staggered")]
    return losses[0] / losses[1] - 1 if losses[1] > 0 else float("nan")


def _aligned_loss(pair: Comparison, after: int = 8) -> float:
    """Return the legitimacy lost some quarters after each exit of the actor took effect, mean over organizations."""
    lost = []
    for quarter, event in pair.run.events_of("exit"):
        row, when = event.organization, quarter + after
        own = event.actor == actor(pair) and row < len(concerned(pair)) and concerned(pair)[row]
        if own and when < len(pair.run.alive):
            lost.append((pair.twin.bodies["legitimacy"] - pair.run.bodies["legitimacy"])[when, row])
    return mean(np.array(lost))


def cascade(pairs: Mapping[str, Comparison]) -> float:
    """C32: effectiveness lost by the agreement and the fund that rest on what was left, 2029 to 2031."""
    pair = pairs["exit"]
    return -change(pair, "effectiveness", bodies_called(pair.run, DEPENDENTS), 2029, 2031)


def impunity(pairs: Mapping[str, Comparison]) -> float:
    """C36: how much more commitment is lost among the third that complies least than among the third that does most."""
    pair = pairs["exit"]
    usual = pair.run.world.reference_commitment[:, : len(left(pair))]
    held = pair.twin.fields["participation"][0]
    mean_commitment = (usual * held).sum(axis=1) / np.maximum(held.sum(axis=1), 1)
    low, high = np.quantile(mean_commitment, (1 / 3, 2 / 3))
    changes = [
        stayers(pair, "commitment", left(pair), 2028, 2031, among)
        for among in (mean_commitment <= low, mean_commitment >= high)
    ]
    return changes[1] - changes[0]


def denial(pairs: Mapping[str, Comparison]) -> float:
    """C38: rise of the United States' log-odds of exit where rivals gained most influence less where they gained least.

    Thirds of the organizations that the EU left and the United States may leave, 2028 to 2031; what an exit does to all
    organizations alike cancels. Log-odds beyond what its own view of the organization explains: views fell most where
    rivals gained.
    """
    pair = pairs["exit"]
    state, when = pair.run.world.state_codes.index("USA"), window(pair.run, 2028, 2031)
    bodies = np.flatnonzero(concerned(pair) & _may_leave(pair, state, 2028, 2031))
    rivals = pair.run.world.camp < 0
    gained = (
        (pair.run.fields["agenda_share"] - pair.twin.fields["agenda_share"])[when][:, rivals][:, :, bodies]
        .sum(axis=1)
        .mean(axis=0)
    )
    order, third = bodies[np.argsort(gained)], len(bodies) // 3
    if not third:
        return float("nan")
    odds = (pair.run.fields["log_odds"] - pair.twin.fields["log_odds"])[years(2028, 2031, pair.run), state]
    by_view = pair.run.simulation.drawn.values_of(Membership).legitimacy_log_odds
    views = (pair.run.fields["legitimacy"] - pair.twin.fields["legitimacy"])[when][
        HAZARD_EVERY - 1 :: HAZARD_EVERY, state
    ]
    beyond = (odds - by_view * views).mean(axis=0)
    return mean(beyond[order[-third:]]) - mean(beyond[order[:third]])


def censure(pairs: Mapping[str, Comparison]) -> float:
    """C40: rise of the censured state's log-odds of exit, all its organizations, in 2027 and 2028."""
    pair = pairs["act"]
    return odds_change(pair, actor(pair), np.ones(len(shocked(pair)), bool), 2027, 2028)


FOLLOWERS = (
    Claim(
        id="C05",
        title="Others follow the leaver out or quietly lower their commitment, by more than the leaver's own part.",
        title_zh="他国追随退出或悄悄降低承诺，合计损失超过退出国自身。",
        sources="Z",
        mechanism="contagion of exits, example, legitimacy and commitment",
        measure="commitment lost by all others over that lost by the leaver, weighed by influence, 2027-2030",
        threshold=1.0,
        why="1: the spillover equals the leaver's own part",
        refuted_by="the others together lose less commitment than the leaver alone",
        cases={"exit": EXIT},
        value=spillover,
        rule={"commitment.example_weight": 0.0},
        rule_text="commitment sags while the exit of a leading state is fresh",
    ),
    Claim(
        id="C15",
        title="A batch exit hits harder than the same exits one by one.",
        title_zh="成批退出比逐个退出冲击更大。",
        sources="T",
        mechanism="one slack of donors for all gaps; blame and betrayal add up",
        measure="legitimacy lost two years after each exit, batch over staggered, less 1",
        threshold=0.1,
        why="a tenth more",
        refuted_by="the batch costs less than a tenth more, or less than the staggered exits",
        cases={"batch": Case("batch", quarters=48), "staggered": Case("staggered", quarters=48)},
        value=batch_beats_staggered,
        rule={"funding.slack_share": 1.0},
        rule_text="donors' slack is short; off: slack as large as the whole purse",
    ),
    Claim(
        id="C32",
        title="Leaving a foundation body unravels what rests on it.",
        title_zh="退出基础性机构会瓦解依附其上的机制。",
        sources="S",
        mechanism="legal and scientific dependence between bodies",
        measure="effectiveness lost by Paris Agreement and GCF when UNFCCC and IPCC are left, 2029-2031",
        threshold=0.05,
        why="a twentieth: five points of effectiveness",
        refuted_by="the bodies that rest on it lose less than five points",
        cases={"exit": Case("foundation-exit", quarters=28)},
        value=cascade,
        rule={"operations.dependence_weight": 0.0},
        rule_text="weakness passes along dependence",
    ),
    Claim(
        id="C36",
        title="An exit signals impunity: those who comply least comply even less.",
        title_zh="退出传递有罪不罚的信号：履约最差者更不履约。",
        sources="Z",
        mechanism="low compliers answer lost effectiveness, of either sign",
        measure="relative loss of commitment, lowest third of compliers less highest third, 2028-2031",
        threshold=POINT,
        why="one point in a hundred",
        refuted_by="low compliers lose no more than a point beyond what high compliers lose",
        cases={"exit": EXIT},
        value=impunity,
        rule={"commitment.impunity_weight": 0.0},
        rule_text="low compliers neglect what they need not fear",
        reversed={"commitment.impunity_weight": -1.0},
        switched_on={"commitment.impunity_weight": 1.0},
    ),
    Claim(
        id="C38",
        title="A hegemon leaves bodies in which a rival gains, to deny it power.",
        title_zh="霸权退出对手得势的机构，以否定其权力。",
        sources="Z",
        mechanism="exit value depends on what distrusted states gained of the agenda",
        measure="log-odds of exit of the USA beyond its view, where rivals gained most less where least, 2028-2031",
        threshold=TENTH,
        why="exits a tenth more likely",
        refuted_by="exit is less than a tenth more likely where rivals gained most than where they gained least",
        cases={"exit": Case("eu-exit", quarters=28)},
        value=denial,
        rule={"membership.rival_log_odds": 0.0},
        rule_text="a rival's gain raises the log-odds of exit",
        reversed={"membership.rival_log_odds": -2.0},
        switched_on={"membership.rival_log_odds": 2.0},
    ),
    Claim(
        id="C40",
        title="Act, censure, exit: a state censured for acting alone leaves the bodies that censure it.",
        title_zh="行动—谴责—退出：因单边行动受谴责的国家退出谴责它的机构。",
        sources="T",
        mechanism="memory of censure in the exit hazard",
        measure="change of the actor's log-odds of exit over all its bodies, 2027-2028",
        threshold=TENTH,
        why="exits a tenth more likely",
        refuted_by="censure makes exit less than a tenth more likely",
        cases={"act": Case("unilateral-act", {"shocks.leave.probability": 0.0}, quarters=16)},
        value=censure,
        rule={"membership.censure_log_odds": 0.0},
        rule_text="remembered censure raises the log-odds of exit",
        reversed={"membership.censure_log_odds": -0.5},
    ),
)

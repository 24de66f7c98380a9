"""Claims on clubs and camps."""

from collections.abc import Mapping

from abm.comparison import Comparison
from abm.recording import Recording
from experiments.claims.claim import Case, Claim
from experiments.claims.quantities import Rows, mean, others, window

EXIT = Case("us-exit-2026")


def _west(run: Recording, pair: Comparison) -> int:
    """Return how many clubs the actor and Western states founded."""
    return _founded_by(run, (run.world.camp > 0) | ~others(pair))


def _rest(run: Recording, pair: Comparison) -> int:
    """Return how many clubs all other states founded, and how often they threatened to leave unless heard."""
    rest = (run.world.camp <= 0) & others(pair)
    return _founded_by(run, rest) + sum(bool(rest[event.actor]) for _, event in run.events_of("threat"))


def _founded_by(run: Recording, states: Rows) -> int:
    """Return how many clubs some states founded; `states` has shape (state,)."""
    return sum(bool(states[event.actor]) for _, event in run.events_of("founded"))


def competing_rules(pairs: Mapping[str, Comparison]) -> float:
    """C26: the smaller of two excesses over the twin: clubs led by the West; clubs and demands of all others."""
    pair = pairs["exit"]
    west, rest = (counted(pair.run, pair) - counted(pair.twin, pair) for counted in (_west, _rest))
    return float(min(west, rest))


def two_camps(pairs: Mapping[str, Comparison]) -> float:
    """C27: growth of trust within the camps less trust across, against the twin, 2032 to 2034."""
    pair = pairs["exit"]
    when = window(pair.run, 2032, 2034)
    return mean((pair.run.measures["trust_gap"] - pair.twin.measures["trust_gap"])[when])


CLUBS = (
    Claim(
        id="C26",
        title="The leaver's side builds exclusive clubs while the others press for reform: rules compete.",
        title_zh="中期内退出国阵营组建小多边俱乐部，新兴国家推动改革，规则相互竞争。",
        sources="N T",
        mechanism="founding of clubs by dissatisfaction, openings and power; threats",
        measure="smaller excess over the twin, 2025-2034: clubs led by the West; clubs and demands of all others",
        threshold=1.0,
        why="at least one more on either side",
        refuted_by="one of the two sides founds and demands no more than in the twin",
        cases={"exit": EXIT},
        value=competing_rules,
        rule={"clubs.dissatisfaction_log_odds": 0.0},
        rule_text="dissatisfied states found clubs",
    ),
    Claim(
        id="C27",
        title="Two camps form: trust grows within them and falls across.",
        title_zh="形成两大阵营：内部信任上升，彼此信任下降。",
        sources="N",
        mechanism="betrayal, votes, shared and rival clubs",
        measure="growth of trust within the camps less trust across them, 2032-2034",
        threshold=0.05,
        why="a twentieth of full trust",
        refuted_by="the gap between the camps grows by less than .05, or narrows",
        cases={"exit": EXIT},
        value=two_camps,
        rule={"trust.club_weight": 0.0},
        rule_text="shared and rival clubs move trust",
    ),
)

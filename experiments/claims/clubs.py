"""Claims on clubs and camps."""

from collections.abc import Mapping

from experiments.claims.claim import Case, Claim
from experiments.claims.trace_pairs import Pair, Trace, mean

EXIT = Case("us-exit-2026")


def _west(trace: Trace, pair: Pair) -> int:
    """Return how many clubs the actor and Western states founded."""
    return trace.founded_by((trace.world.camp > 0) | ~pair.others)


def _rest(trace: Trace, pair: Pair) -> int:
    """Return how many clubs all other states founded, and how often they threatened to leave unless heard."""
    rest = (trace.world.camp <= 0) & pair.others
    return trace.founded_by(rest) + sum(bool(rest[event.actor]) for _, event in trace.events_of(["threat"]))


def competing_rules(pairs: Mapping[str, Pair]) -> float:
    """C26: the smaller of two excesses over the twin: clubs led by the West; clubs and demands of all others."""
    pair = pairs["exit"]
    west, rest = (counted(pair.run, pair) - counted(pair.twin, pair) for counted in (_west, _rest))
    return float(min(west, rest))


def two_camps(pairs: Mapping[str, Pair]) -> float:
    """C27: growth of trust within the camps less trust across, against the twin, 2032 to 2034."""
    pair = pairs["exit"]
    when = pair.run.window(2032, 2034)
    return mean((pair.run.system["trust_gap"] - pair.twin.system["trust_gap"])[when])


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

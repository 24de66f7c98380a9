"""Claims on who leads after the leaver."""

from collections.abc import Mapping

import numpy as np

from abm.comparison import Comparison
from experiments.claims.claim import POINT, Case, Claim
from experiments.claims.quantities import Rows, actor, bodies_called, left, mean, others, share, window

EXIT = Case("us-exit-2026")
STANDARDS = ("ITU", "IMO", "ILO", "WIPO", "ICAO", "UPU")


def _fillers(pair: Comparison) -> Rows:
    """Return the members of the European Union and of the rival camp (SCO, BRICS); shape (state,)."""
    world = pair.run.world
    return ((world.bloc == 0) | (world.camp < 0)) & others(pair)


def filled_vacuum(pairs: Mapping[str, Comparison]) -> float:
    """C07: the fillers' share of the influence that the leaver lost, less their share of all others' influence."""
    pair = pairs["exit"]
    own, group = ~others(pair), _fillers(pair)
    own_run, own_twin = share(pair, "agenda_share", own, left(pair), 2029, 2031)
    run, twin = share(pair, "agenda_share", group, left(pair), 2029, 2031)
    lost = own_twin - own_run
    return (run - twin) / lost - twin / (1 - own_twin) if lost > POINT else float("nan")


def redirected(pairs: Mapping[str, Comparison]) -> float:
    """C23: change of the leaver's influence in standard setters less that of China's, 2028 to 2030."""
    pair = pairs["selective"]
    rows = bodies_called(pair.run, STANDARDS)
    gains = []
    for state in (actor(pair), pair.run.world.state_codes.index("CHN")):
        seat = ~others(pair) if state == actor(pair) else _only(pair, state)
        run, twin = share(pair, "agenda_share", seat, rows, 2028, 2030)
        gains.append(run - twin)
    return gains[0] - gains[1]


def _only(pair: Comparison, state: int) -> Rows:
    """Return a mask of one state; shape (state,)."""
    rows = others(pair).copy()
    rows[:] = False
    rows[state] = True
    return rows


def dispersed(pairs: Mapping[str, Comparison]) -> float:
    """C28: how far the largest share of influence after an exit lies below what arithmetic gives, 2028 to 2031.

    By arithmetic the others' shares of the twin grow in proportion to fill what the leaver lost.
    """
    pair = pairs["exit"]
    when = window(pair.run, 2028, 2031)
    run, twin = (one.fields["agenda_share"][when][:, :, left(pair)] for one in (pair.run, pair.twin))
    own, usual = run[:, actor(pair)], twin[:, actor(pair)]
    filled = twin[:, others(pair)].max(axis=1) * (1 - own) / np.maximum(1 - usual, POINT)
    return mean(np.maximum(filled, own) - run.max(axis=1))


LEADERSHIP = (
    Claim(
        id="C07",
        title="China, the EU and the BRICS fill the vacuum: they gain more than their proportional part.",
        title_zh="中国、欧盟和金砖国家填补领导真空，所得超过其应有比例。",
        sources="Z P T",
        mechanism="contest for vacant posts, rescue, influence by money and posts",
        measure="their share of the leaver's lost influence less their share of all others' influence, 2029-2031",
        threshold=0.05,
        why="a twentieth beyond what shares that add up to one give by arithmetic",
        refuted_by="they gain no more than in proportion to what they held",
        cases={"exit": EXIT},
        value=filled_vacuum,
        rule={"leadership.contest_exponent": 1.0},
        rule_text="the contest favours strong bidders; off: posts in proportion to bids",
    ),
    Claim(
        id="C23",
        title="Freed means moved to the standard setters win influence there against the rival.",
        title_zh="省下的资源转投标准制定机构，在那里压过对手。",
        sources="T",
        mechanism="redirection of a leaver's savings",
        measure="change of the leaver's influence in six standard setters less China's, 2028-2030",
        threshold=POINT,
        why="one point in a hundred",
        refuted_by="the leaver's influence there rises by no more than a point against China's",
        cases={"selective": Case("selective", quarters=28)},
        value=redirected,
        rule={"leadership.money_weight": 0.0},
        rule_text="money counts in influence on the agenda",
    ),
    Claim(
        id="C28",
        title="A more multipolar order: leadership disperses and no single leader takes over.",
        title_zh="秩序趋于多极分散，没有单一领导者。",
        sources="T",
        mechanism="contest for posts open to all, money of many",
        measure="fall of the largest share of influence in the bodies left, beyond the arithmetic, 2028-2031",
        threshold=0.02,
        why="two points beyond what is left if all fill the gap in proportion",
        refuted_by="the leading share falls by less than two points beyond that, or rises",
        cases={"exit": EXIT},
        value=dispersed,
        rule={"leadership.contest_exponent": 2.0},
        rule_text="the contest is nearly proportional; off: the strong win more than their part",
    ),
)

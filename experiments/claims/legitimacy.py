"""Claims on legitimacy, effectiveness, trust and credibility, and on what lasts after a return."""

from collections.abc import Mapping

import numpy as np

from abm.comparison import Comparison
from experiments.claims.claim import POINT, Case, Claim
from experiments.claims.quantities import (
    Rows,
    actor,
    bodies_called,
    change,
    concerned,
    funded,
    left,
    mean,
    others,
    share,
    stayers,
    trust_lost,
    window,
)

EXIT = Case("us-exit-2026")
FREEZE = Case("aid-freeze-2025", quarters=20)
CLIMATE = ("UNFCCC", "Paris Agreement", "IPCC")
REGIME = (*CLIMATE, "GCF")
TECHNICAL = 0.5
TRUST = 0.05
"""A twentieth of the distance from indifference to full trust."""


def money_to_authority(pairs: Mapping[str, Comparison]) -> float:
    """C02: the smaller loss of effectiveness and of legitimacy where money alone was taken away, 2027 to 2029."""
    pair = pairs["freeze"]
    return min(
        -change(pair, "effectiveness", concerned(pair), 2027, 2029),
        -stayers(pair, "legitimacy", concerned(pair), 2027, 2029),
    )


def expertise_over_money(pairs: Mapping[str, Comparison]) -> float:
    """C03: effectiveness lost by expertise less that lost by money, technical organizations with money, log points."""
    pair = pairs["exit"]
    rows = left(pair) & funded(pair) & (pair.run.world.technical[: len(left(pair))] > TECHNICAL)
    return change(pair, "money_effect", rows, 2028, 2030) - change(pair, "expertise_effect", rows, 2028, 2030)


def division_by_filling(pairs: Mapping[str, Comparison]) -> float:
    """C08: how much the spread of views grows by the filling of the vacuum, relative to the twin's spread."""
    pair = pairs["filled"]
    grown = [change(pairs[name], "legitimacy_spread", left(pair), 2029, 2032) for name in ("filled", "unfilled")]
    usual = mean(pair.twin.bodies["legitimacy_spread"][window(pair.run, 2029, 2032)][:, left(pair)])
    return (grown[0] - grown[1]) / usual if usual > 0 else float("nan")


def sides(pairs: Mapping[str, Comparison]) -> float:
    """C09: growth of the gap between Western and rival members' views of the organizations left, 2027 to 2030."""
    pair = pairs["exit"]
    when = window(pair.run, 2027, 2030)
    gaps = [
        np.abs(one.bodies["legitimacy_western"] - one.bodies["legitimacy_rival"])[when][:, left(pair)]
        for one in (pair.run, pair.twin)
    ]
    return mean(gaps[0] - gaps[1])


def sanctioned(pairs: Mapping[str, Comparison]) -> float:
    """C11: effectiveness lost by the sanctioned court while no member leaves, 2026 to 2027; 0 where members go."""
    pair = pairs["sanction"]
    if abs(change(pair, "members", concerned(pair), 2026, 2027)) >= 1:
        return 0.0
    return -change(pair, "effectiveness", concerned(pair), 2026, 2027)


def lost_standing(pairs: Mapping[str, Comparison]) -> float:
    """C17: the part of its influence that a returner has not regained two years after its return, 2031.

    Against a world with the same governments in which it never left.
    """
    door, stayed = pairs["door"], pairs["stayed"]
    rows = concerned(door) & concerned(stayed)
    held = [share(pair, "agenda_share", ~others(pair), rows, 2031, 2031)[0] for pair in (door, stayed)]
    return 1 - held[0] / held[1] if held[1] > 0 else float("nan")


def contempt(pairs: Mapping[str, Comparison]) -> float:
    """C18: legitimacy lost among the others in the year after a year of contempt, before any exit."""
    pair = pairs["rhetoric"]
    return -stayers(pair, "legitimacy", concerned(pair), 2026, 2026)


def hedging(pairs: Mapping[str, Comparison]) -> float:
    """C19: how much less Western allies vote with the leaver, share of agreement, 2029 to 2032."""
    pair = pairs["exit"]
    allies = (pair.run.world.camp > 0) & others(pair)
    when = window(pair.run, 2029, 2032)
    return mean((pair.twin.fields["agreement"] - pair.run.fields["agreement"])[when][:, allies, actor(pair)])


def provision(pairs: Mapping[str, Comparison]) -> float:
    """C29: what the climate regime achieves relative to the twin, 2032 to 2034."""
    pair = pairs["exit"]
    rows = bodies_called(pair.run, REGIME)
    world, when = pair.run.world, window(pair.run, 2032, 2034)
    weight = (world.initial_coverage * world.initial_effectiveness)[: len(rows)] * rows
    achieved = [
        float((one.bodies["effectiveness"] * one.alive)[when].mean(axis=0) @ weight) for one in (pair.run, pair.twin)
    ]
    return achieved[0] / achieved[1] if achieved[1] > 0 else float("nan")


def lasting_damage(pairs: Mapping[str, Comparison]) -> float:
    """C33: trust of all others in the returner that is missing in 2034, five years after the return.

    Against a world with the same governments in which it never left.
    """
    back, stayed = pairs["return"], pairs["stayed"]
    return trust_lost(back, others(back), 2034, 2034) - trust_lost(stayed, others(back), 2034, 2034)


def _damage(pair: Comparison, rows: Rows) -> float:
    """Return the mean loss of effectiveness, legitimacy and commitment in some organizations, 2028 to 2030."""
    lost = [-stayers(pair, name, rows, 2028, 2030) for name in ("legitimacy", "commitment")]
    return float(np.mean([*lost, -change(pair, "effectiveness", rows, 2028, 2030)]))


def obstruction(pairs: Mapping[str, Comparison]) -> float:
    """C35: damage by obstruction alone less damage by absence alone in the climate organizations."""
    rows = bodies_called(pairs["obstruct"].run, CLIMATE)
    return _damage(pairs["obstruct"], rows) - _damage(pairs["exit"], rows)


UNFILLED = {
    "leadership.filling_rate": 0.0,
    "funding.appeal": 0.0,
    "funding.dues_appeal": 0.0,
    "funding.private_share": 0.0,
}

SAME_DOOR = {f"shocks.{place}.probability": 0.0 for place in (0, 2, 4, 6)}
SAME_RETURN = {f"shocks.{place}.probability": 0.0 for place in ("0", "1", "return-to-who", "return-to-list")}
"""Only the changes of government are left of a scenario: the never-left world that returns are compared with."""

LEGITIMACY = (
    Claim(
        id="C02",
        title="Money, effectiveness and authority fall together: lost funding becomes lost legitimacy.",
        title_zh="资金、效能与权威一同下降：失去资金即失去合法性。",
        sources="Z",
        mechanism="money to effectiveness, effectiveness to output legitimacy",
        measure="smaller loss of effectiveness and legitimacy by the freeze of gifts alone, 2027-2029",
        threshold=POINT,
        why="both by one point in a hundred or more",
        refuted_by="effectiveness or legitimacy falls by less than a point",
        cases={"freeze": FREEZE},
        value=money_to_authority,
        rule={"legitimacy.performance_weight": 0.0},
        rule_text="views follow performance",
    ),
    Claim(
        id="C03",
        title="For technical bodies the loss of expertise outweighs the loss of money.",
        title_zh="对技术和科学机构而言，失去专家比失去资金更严重。",
        sources="S",
        mechanism="expertise apart from money, lost with the leaver and slow to regrow",
        measure="effectiveness lost by expertise less by money in technical bodies with money, 2028-2030, log points",
        threshold=POINT,
        why="one point in a hundred more",
        refuted_by="money explains as much of the loss as expertise, or more",
        cases={"exit": EXIT},
        value=expertise_over_money,
        rule={"operations.expertise_weight": 0.0},
        rule_text="effectiveness rests on expertise with an elasticity of its own",
    ),
    Claim(
        id="C08",
        title="Filling the vacuum deepens division among the members.",
        title_zh="填补真空本身会加深成员间的分裂。",
        sources="Z",
        mechanism="influence moves the body away from other members",
        measure="growth of the spread of views with the vacuum filled less without, over the twin's spread, 2029-2032",
        threshold=0.05,
        why="a twentieth of the usual spread",
        refuted_by="views spread no wider where posts and money were filled",
        cases={"filled": EXIT, "unfilled": Case("us-exit-2026", UNFILLED, quarters=32)},
        value=division_by_filling,
        rule={"legitimacy.fit_weight": 0.0},
        rule_text="views fall with distance from the body",
    ),
    Claim(
        id="C09",
        title="Organizations are pushed to choose sides: the camps' views of them part.",
        title_zh="国际组织被迫选边，各阵营对其看法分化。",
        sources="Z",
        mechanism="blame by trust in the speaker; position against the members' centre",
        measure="growth of the gap between Western and rival members' views, bodies left, 2027-2030",
        threshold=POINT,
        why="one point in a hundred",
        refuted_by="the gap grows by less than a point or narrows",
        cases={"exit": EXIT},
        value=sides,
        rule={"legitimacy.blame_weight": 0.0},
        rule_text="blame counts by trust in the speaker",
    ),
    Claim(
        id="C11",
        title="Sanctions suppress an organization's activity without any exit.",
        title_zh="制裁无须退出即可压制组织的活动。",
        sources="Z",
        mechanism="operating capacity under sanctions",
        measure="effectiveness lost by the court in 2026-2027 while membership stays within one",
        threshold=0.05,
        why="five points of effectiveness",
        refuted_by="less than five points lost, or members leave",
        cases={"sanction": Case("sanction-icc-2025", quarters=12)},
        value=sanctioned,
        rule={"shocks.0.strength": 0.0},
        rule_text="the strength that the sanction is given in the scenario",
    ),
    Claim(
        id="C17",
        title="Leaving and returning uses up credibility: a return does not restore the former standing.",
        title_zh="反复退出与重返消耗信誉，重返不能恢复原有地位。",
        sources="Z P T",
        mechanism="posts regained slowly and by credibility",
        measure="part of the influence missing two years after the return; same governments, no exit beside it",
        threshold=0.1,
        why="a tenth of the former influence",
        refuted_by="two years after its return the state has nine tenths of its influence or more",
        cases={"door": Case("revolving-door", quarters=52), "stayed": Case("revolving-door", SAME_DOOR, quarters=52)},
        value=lost_standing,
        rule={"leadership.regain_rate": 1.0},
        rule_text="returners regain posts slowly; off: at once, as far as they are believed",
    ),
    Claim(
        id="C18",
        title="Contempt before the act already costs the institution.",
        title_zh="行动之前的轻蔑言辞已经损害机构。",
        sources="T",
        mechanism="blame by rhetoric",
        measure="legitimacy lost among the others in the year after a year of contempt, no exit",
        threshold=POINT,
        why="one point in a hundred",
        refuted_by="less than a point lost",
        cases={"rhetoric": Case("rhetoric", quarters=12)},
        value=contempt,
        rule={"legitimacy.rhetoric_weight": 0.0},
        rule_text="words cause blame",
    ),
    Claim(
        id="C19",
        title="Allies lose trust and hedge: they vote less with the leaver.",
        title_zh="盟友失去信任并对冲：投票与退出国渐行渐远。",
        sources="Z P N T",
        mechanism="betrayal lowers trust, trust moves votes",
        measure="agreement of Western allies with the leaver below the twin's, 2029-2032",
        threshold=POINT,
        why="one roll call in a hundred",
        refuted_by="agreement falls by less than a point",
        cases={"exit": EXIT},
        value=hedging,
        rule={"voting.hedging": 0.0},
        rule_text="votes follow changes of trust in a power",
    ),
    Claim(
        id="C29",
        title="The world goes on without the leaver: the rest still provide nine tenths.",
        title_zh="没有退出国世界照常运转：其余国家仍提供九成公共品。",
        sources="S T",
        mechanism="provision by the share of the problem that members commit to",
        measure="what the climate regime achieves against the twin, 2032-2034",
        threshold=0.9,
        why="nine tenths, though the leaver is an eighth of the problem",
        refuted_by="less than nine tenths of the twin's provision",
        cases={"exit": Case("climate-exit")},
        value=provision,
        rule={"operations.coverage_weight": 1.0},
        rule_text="provision hardly depends on covering the problem; off: it does so in proportion",
    ),
    Claim(
        id="C33",
        title="A later government's return leaves lasting damage to trust.",
        title_zh="后任政府重返后，信任仍受持久损害。",
        sources="P",
        mechanism="memory of betrayal",
        measure="trust of all others missing in 2034, five years after the return; same governments, no exit beside it",
        threshold=TRUST,
        why="a twentieth of full trust",
        refuted_by="trust is within a twentieth of the never-left twin's",
        cases={"return": Case("return-2029"), "stayed": Case("return-2029", SAME_RETURN)},
        value=lasting_damage,
        rule={"trust.betrayal_half_life": 1.0},
        rule_text="betrayal is remembered for long; off: half forgotten in a year",
    ),
    Claim(
        id="C35",
        title="Obstruction from outside hurts more than absence.",
        title_zh="外部阻挠比缺席伤害更大。",
        sources="S",
        mechanism="objections that block decisions; pressure on votes and money of those who lean on the obstructor",
        measure="mean loss of effectiveness, legitimacy and commitment, obstruction less absence, 2028-2030",
        threshold=POINT,
        why="one point in a hundred more",
        refuted_by="obstruction costs the bodies no more than absence",
        cases={
            "obstruct": Case("obstruct", {"shocks.0.probability": 0.0}, quarters=24),
            "exit": Case("obstruct", {"shocks.1.probability": 0.0}, quarters=24),
        },
        value=obstruction,
        rule={"operations.obstruction_weight": 0.0},
        rule_text="an objection stops what needs consent",
        switched_on={"operations.obstruction_weight": 0.6},
    ),
)

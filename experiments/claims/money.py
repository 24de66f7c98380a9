"""Claims on money: gaps, cuts, who refills them, and what it does in the first years."""

from collections.abc import Mapping

import numpy as np

from abm.comparison import Comparison
from experiments.claims.claim import POINT, Case, Claim
from experiments.claims.quantities import (
    Rows,
    actor,
    change,
    funded,
    left,
    losing,
    lost_money,
    mean,
    stayers,
    window,
)

WHO = Case("who-2025", quarters=20)
EXIT = Case("us-exit-2026")
FREEZE = Case("aid-freeze-2025", quarters=20)
OPERATION = 0.15
WITHDRAWN = 0.05
POOLED = 0.8


def worst_cut(pair: Comparison, bodies: Rows, first: int, last: int) -> float:
    """Return the largest cut of a calendar year's spending against the twin, mean over organizations, as a share."""
    cuts = []
    for year in range(first, last + 1):
        when = window(pair.run, year, year)
        spent = [one.fields["spending"][when][:, bodies].sum(axis=0) for one in (pair.run, pair.twin)]
        cuts.append(1 - spent[0] / np.where(spent[1] > 0, spent[1], np.nan))
    return mean(np.max(cuts, axis=0))


def largest_funder(pairs: Mapping[str, Comparison]) -> float:
    """C01: the largest yearly cut of WHO's spending in 2026 to 2029, share of the twin's."""
    pair = pairs["exit"]
    return worst_cut(pair, funded(pair), 2026, 2029)


def asymmetry(pairs: Mapping[str, Comparison]) -> float:
    """C04: the median organization's loss as a share of its budget, over the leaver's saving as a share of its GDP."""
    pair = pairs["exit"]
    rows = losing(pair, 2028, 2029)
    if not rows.any():
        return float("nan")
    lost = lost_money(pair, rows, 2028, 2029) / (4 * pair.run.world.initial_budget[: pair.run.world.built][rows])
    saved = lost_money(pair, np.ones(len(rows), bool), 2028, 2029).sum() / pair.run.world.gdp[actor(pair)]
    return float(np.median(lost) / saved) if saved > 0 else float("nan")


def _private(pair: Comparison) -> tuple[float, float]:
    """Return private money in the run and in the twin over the leaver's lost money, 2027 to 2029."""
    rows, when = losing(pair, 2027, 2029), window(pair.run, 2027, 2029)
    lost = float(lost_money(pair, rows, 2027, 2029).sum())
    if lost <= 0:
        return float("nan"), float("nan")
    run, twin = (4 * float(t.fields["private_income"][when][:, rows].mean(axis=0).sum()) for t in (pair.run, pair.twin))
    return run / lost, twin / lost


def private_refill(pairs: Mapping[str, Comparison]) -> float:
    """C06: the share of the leaver's lost money that foundations, firms and cities replace."""
    run, twin = _private(pairs["exit"])
    return run - twin


def short_run(pairs: Mapping[str, Comparison]) -> float:
    """C25: the smallest of four losses in 2027 and 2028: money gap, expertise, programmes, effectiveness."""
    pair = pairs["exit"]
    return min(
        change(pair, "funding_gap_share", funded(pair), 2027, 2028),
        -change(pair, "expertise", left(pair), 2027, 2028),
        worst_cut(pair, funded(pair), 2027, 2028),
        -change(pair, "effectiveness", left(pair), 2027, 2028),
    )


def unpaid(pairs: Mapping[str, Comparison]) -> float:
    """C45: the smaller of two largest yearly cuts: by arrears (to 2034) and by the freeze (to 2029)."""
    arrears, freeze = pairs["arrears"], pairs["freeze"]
    return min(
        worst_cut(arrears, funded(arrears), 2025, 2034),
        worst_cut(freeze, funded(freeze), 2025, 2029),
    )


def mixed_funding(pairs: Mapping[str, Comparison]) -> float:
    """C46: the part of the loss of legitimacy among those who stay that pooled regional funds avert, 2027 to 2032."""
    alone, pooled = (stayers(pairs[name], "legitimacy", left(pairs[name]), 2027, 2032) for name in ("alone", "pooled"))
    return 1 - pooled / alone if alone < 0 else float("nan")


def firms(pairs: Mapping[str, Comparison]) -> float:
    """C43: the private money that is withdrawn, as a share of the leaver's lost money; below 0 where it is added.

    NaN where there is less private money in the twin than the threshold asks to withdraw: nothing could be told.
    """
    run, twin = _private(pairs["exit"])
    return twin - run if run > twin or twin >= WITHDRAWN else float("nan")


MONEY = (
    Claim(
        id="C01",
        title="Losing its largest funder, an organization cuts its programmes by an eighth or more.",
        title_zh="失去最大出资国后，国际组织的项目支出削减达八分之一或更多。",
        sources="Z S T",
        mechanism="assessed dues, voluntary gifts, reserves and austerity",
        measure="largest yearly cut of WHO's spending in 2026-2029 against the twin, share",
        threshold=0.12,
        why="the lower end of the 12 to 22 % that the sources name for WHO",
        refuted_by="refill and reserves keep WHO's spending within 12 % of the twin's in every year",
        cases={"exit": WHO},
        value=largest_funder,
        rule={"operations.austerity_rate": 0.0},
        rule_text="budgets follow income",
    ),
    Claim(
        id="C04",
        title="What is a small sum for the leaver is a large one for the organizations.",
        title_zh="同一笔钱，对退出国微不足道，对国际组织却举足轻重。",
        sources="P S",
        mechanism="contributions by size of the donor, budgets by size of the body",
        measure="median share of the budget lost, over the leaver's saving as a share of its GDP, 2028-2029",
        threshold=400.0,
        why="20 % of a budget against .2 % of the leaver's public budget is 100; that budget is about a quarter of GDP",
        refuted_by="a ratio below 400",
        cases={"exit": EXIT},
        value=asymmetry,
        rule={"world.source": "synthetic", "world.states": 193, "world.organizations": 133},
        rule_text="the observed table of contributions; off: a drawn world of the same size",
    ),
    Claim(
        id="C06",
        title="Foundations, firms and cities soften the loss: they replace a tenth of it or more.",
        title_zh="国家退出后，基金会、企业和城市继续出资，弥补损失的十分之一以上。",
        sources="Z",
        mechanism="private rescue of gaps by cause, limited by means",
        measure="change of private money against the twin over the leaver's lost money, 2027-2029",
        threshold=0.1,
        why="a tenth: less than that is lost in the year-to-year variation of budgets",
        refuted_by="private money replaces less than a tenth",
        cases={"exit": EXIT},
        value=private_refill,
        rule={"funding.private_share": 0.0},
        rule_text="foundations answer gaps in causes that they give to",
    ),
    Claim(
        id="C25",
        title="In the first two years money, talent, programmes and governance all fall short.",
        title_zh="短期内，资金缺口、人才流失、项目停滞和治理空缺同时出现。",
        sources="N",
        mechanism="funding, austerity, loss of experts, effectiveness",
        measure="smallest of four losses in 2027-2028 against the twin: money gap, expertise, spending, effectiveness",
        threshold=POINT,
        why="each of the four by at least one point in a hundred",
        refuted_by="one of the four changes by less than a point",
        cases={"exit": EXIT},
        value=short_run,
        rule={"operations.expertise_loss_rate": 0.0},
        rule_text="experts of a leaver are lost",
    ),
    Claim(
        id="C43",
        title="An exit loosens the restraint of the leaver's own firms: private money shrinks.",
        title_zh="退出放松了本国企业的约束，民间投入随之减少。",
        sources="Z",
        mechanism="response of the leaver's firms and cities, of either sign",
        measure="private money withdrawn over the leaver's lost money, 2027-2029",
        threshold=WITHDRAWN,
        why="a twentieth of the loss on top of it; below 0 the firms compensate",
        refuted_by="private money does not shrink by a twentieth of the loss",
        cases={"exit": EXIT},
        value=firms,
        rule={"funding.domestic_response": 0.0},
        rule_text="the leaver's firms follow their government",
        reversed={"funding.domestic_response": 0.25},
        switched_on={"funding.domestic_response": -0.25},
    ),
    Claim(
        id="C45",
        title="Staying without paying, and freezing aid, threaten basic operation.",
        title_zh="留而不缴与冻结援助威胁到组织的基本运转。",
        sources="Z",
        mechanism="arrears, reserves, freeze of gifts, austerity",
        measure="smaller of the largest yearly cuts of spending by arrears (UN) and by the freeze (five agencies)",
        threshold=OPERATION,
        why="cuts of 15 to 20 % are what the sources call a threat to operation",
        refuted_by="one of the two cuts less than 15 % in every year",
        cases={"arrears": Case("article-19"), "freeze": FREEZE},
        value=unpaid,
        rule={"funding.dues_appeal": 1.7},
        rule_text="dues that are not paid are seldom made up; off: they are appealed for like gifts",
    ),
    Claim(
        id="C46",
        title="Regional and mixed funding, set up before the shock, keeps consensus alive.",
        title_zh="分散化、区域化和混合融资能维系共识。",
        sources="Z",
        mechanism="pooled slack of a bloc's donors",
        measure="part of the legitimacy lost among stayers that pooling (.8) averts, 2027-2032",
        threshold=0.05,
        why="a twentieth of the loss: the least that would justify a new fund",
        refuted_by="pooling averts less than a twentieth of the loss, or adds to it",
        cases={
            "pooled": Case("us-exit-2026", {"funding.pooling": POOLED}, quarters=32),
            "alone": Case("us-exit-2026", {"funding.pooling": 0.0}),
        },
        value=mixed_funding,
        rule={"funding.appeal": 0.0},
        rule_text="donors answer appeals at all",
    ),
)

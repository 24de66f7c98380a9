"""Claims on recipients and on bilateral deals."""

from collections.abc import Mapping

import numpy as np

from abm.comparison import Comparison
from abm.data.table import number
from abm.processes.deals import Deals
from abm.recording import Recording
from abm.state.world import Array
from experiments.claims.claim import Case, Claim
from experiments.claims.quantities import actor, mean, others, window

EXIT = Case("us-exit-2026")
SLOW = 0.5


def recipients(pairs: Mapping[str, Comparison]) -> float:
    """C41: programmes lost relative to GDP, poorest third of states over the richest third, 2026 to 2029."""
    pair = pairs["freeze"]
    when = window(pair.run, 2026, 2029)
    lost = (pair.run.states["programmes_lost_state"] - pair.twin.states["programmes_lost_state"])[when].mean(axis=0)
    order = np.argsort(_income(pair.run))
    third = len(order) // 3
    richest = mean(lost[order[-third:]])
    return mean(lost[order[:third]]) / richest if richest > 0 else float("nan")


def _income(run: Recording) -> Array:
    """Return GDP of a person, USD a year, (state,); states without a known population count as of a million people."""
    people = number(run.simulation.tables.states, "population", blank=1e6)
    return np.asarray(run.world.gdp / np.maximum(people, 1.0))


def friendly_deals(pairs: Mapping[str, Comparison]) -> float:
    """C24: how much fewer deals the third of states that trusts the leaver least has than the most trusting one.

    As a share, in 2029, three years after the first exit took effect; 0 where half of the loss is replaced by then.
    """
    pair = pairs["exit"]
    when = window(pair.run, 2029, 2029)
    deals = pair.run.fields["deals"][when].mean(axis=0)[:, actor(pair)]
    trust = pair.twin.fields["trust"][when].mean(axis=0)[:, actor(pair)]
    order = [row for row in np.argsort(trust) if row != actor(pair)]
    third = len(order) // 3
    if mean(deals[order]) > SLOW:
        return 0.0
    friends = mean(deals[order[-third:]])
    return 1 - mean(deals[order[:third]]) / friends if friends > 0 else 0.0


def divide_and_gain(pairs: Mapping[str, Comparison]) -> float:
    """C42: what deals bring the leaver in 2030, terms times coverage, over what it lost in the multilateral channel."""
    pair = pairs["exit"]
    world, when = pair.run.world, window(pair.run, 2030, 2030)
    own = world.capability[actor(pair)]
    asymmetry = pair.run.simulation.drawn.values_of(Deals).asymmetry
    terms = 1 + asymmetry * (own / (own + world.capability) - 0.5)
    gained = mean((pair.run.fields["deals"][when].mean(axis=0)[:, actor(pair)] * terms)[others(pair)])
    seats = [one.fields["participation"][when, actor(pair)].mean(axis=0).sum() for one in (pair.run, pair.twin)]
    lost = float(np.sqrt(max(1 - float(seats[0]) / max(float(seats[1]), 1.0), 0.0)))
    return gained / lost if lost > 0 else float("nan")


RECIPIENTS = (
    Claim(
        id="C24",
        title="Bilateral deals replace the lost channel only slowly, and only with friendly states.",
        title_zh="双边协议只能缓慢地、且只在友好国家间替代多边渠道。",
        sources="S",
        mechanism="deals of a leaver by trust and asymmetry",
        measure="share of the most trusting third's deals that the least trusting lacks, 2029; 0 if half replaced",
        threshold=0.5,
        why="half as many deals or fewer, while less than half of the loss is replaced after three years",
        refuted_by="deals as far with distrustful states as with friends, or half of the loss replaced",
        cases={"exit": EXIT},
        value=friendly_deals,
        rule={"processes": [{"use": "experiments.claims.plain_rules:EvenDeals", "after": "deals"}]},
        rule_text="deals rise with trust in the leaver; off: the same sum spread evenly",
    ),
    Claim(
        id="C41",
        title="Recipients in poor countries bear the cut.",
        title_zh="削减的代价主要由贫穷国家的受援者承担。",
        sources="S",
        mechanism="programmes delivered by need",
        measure="loss of programmes relative to GDP, poorest third of states over richest third, 2026-2029",
        threshold=10.0,
        why="an order of magnitude",
        refuted_by="a ratio below ten",
        cases={"freeze": Case("aid-freeze-2025", quarters=20)},
        value=recipients,
        rule={"processes": [{"use": "experiments.claims.plain_rules:EvenNeed", "after": "scheduled_shocks"}]},
        rule_text="programmes go where people are poor; off: by share of the world's GDP",
    ),
    Claim(
        id="C42",
        title="Divide and gain: dealing one by one, the strong get more than the multilateral channel gave.",
        title_zh="分而取之：逐一谈判使强者所得超过多边渠道。",
        sources="T S",
        mechanism="terms rise with asymmetry, coverage falls with distrust",
        measure="terms times coverage of the leaver's deals in 2030 over its lost multilateral benefit",
        threshold=1.0,
        why="1: the deals bring as much as was given up",
        refuted_by="the deals bring less than what was given up",
        cases={"exit": EXIT},
        value=divide_and_gain,
        rule={"deals.asymmetry": 0.0},
        rule_text="the weaker side deals more readily and on the stronger side's terms",
    ),
)

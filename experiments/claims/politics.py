"""Claims on domestic politics, power and acting alone."""

from collections.abc import Mapping

import numpy as np

from abm.comparison import Comparison
from abm.recording import Recording
from experiments.claims.claim import Case, Claim
from experiments.claims.followers import TENTH, years
from experiments.claims.quantities import actor, mean, others, window

EXIT = Case("us-exit-2026")
FEWEST = 10
"""Events below which a rate is not told from chance."""
NEW_GOVERNMENT = 4
"""Quarters for which a government counts as new."""


def timing(pairs: Mapping[str, Comparison]) -> float:
    """C16: rate of exits and threats in the first year of sovereigntist governments over the rate at other times.

    By all states but the actor of the scheduled shock, whose dates the scenario sets.
    """
    pair = pairs["exit"]
    new = _newly_sovereigntist(pair.run)
    acts = [
        (quarter, event.actor)
        for quarter, event in pair.run.events_of("announce", "threat")
        if event.actor != actor(pair)
    ]
    if len(acts) < FEWEST:
        return float("nan")
    within = sum(bool(new[quarter, state]) for quarter, state in acts)
    exposed = int(new[:, others(pair)].sum())
    rest = int(new[:, others(pair)].size) - exposed
    return (within / max(exposed, 1)) / ((len(acts) - within) / max(rest, 1)) if len(acts) > within else float("nan")


def _newly_sovereigntist(run: Recording) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Return where a sovereigntist government took office within the last year; shape (quarter, state)."""
    new = np.zeros((len(run.alive), len(run.world.gdp)), bool)
    for quarter, event in run.events_of("government"):
        if event.details["direction"] == "sovereigntist":
            new[quarter : quarter + NEW_GOVERNMENT, event.actor] = True
    return new


def _own_odds(run: Recording, state: int, first: int, last: int) -> float:
    """Return a state's mean log-odds of exit over its memberships."""
    held = run.fields["participation"][window(run, first, last), state].min(axis=0) > 0
    held &= run.world.exit_form[: len(held)] < 2
    return mean(run.fields["log_odds"][years(first, last, run), state][:, held])


def declining_power(pairs: Mapping[str, Comparison]) -> float:
    """C30: rise of the United States' log-odds of exit where its share of the economy declines, 2032 to 2034."""
    row = pairs["still"].run.world.state_codes.index("USA")
    return _own_odds(pairs["moving"].run, row, 2032, 2034) - _own_odds(pairs["still"].run, row, 2032, 2034)


def freed(pairs: Mapping[str, Comparison]) -> float:
    """C34: gain of acting alone after leaving over the gain of a member, less 1, 2027 to 2028; 0 without gain."""
    gains = []
    for name in ("free", "bound"):
        pair = pairs[name]
        gains.append(mean(pair.run.states["autonomy_gain"][window(pair.run, 2027, 2028), actor(pair)]))
    if not gains[0]:
        return 0.0
    return gains[0] / gains[1] - 1 if gains[1] > 0 else float("nan")


def feedback(pairs: Mapping[str, Comparison]) -> float:
    """C39: change, of either sign, of the probability that the election after the batch changes the government."""
    pair = pairs["exit"]
    when = window(pair.run, 2028, 2028)
    return abs(mean((pair.run.fields["turnover"] - pair.twin.fields["turnover"])[when, actor(pair)][-1:]))


def lasting_habit(pairs: Mapping[str, Comparison]) -> float:
    """C44: the part of the variance of log-odds of exit that lies between states, not between years.

    Log-odds beyond those of the mean member of the same organizations, so that it does not matter who belongs to what;
    0 where all of them together vary by less than a tenth.
    """
    run = pairs["rest"].run
    held = (run.fields["participation"][0] > 0) & (run.world.exit_form[: run.fields["log_odds"].shape[2]] < 2)
    usual = (run.fields["log_odds"] * held).sum(axis=1) / np.maximum(held.sum(axis=0), 1)  # (year, organization)
    own = (run.fields["log_odds"] - usual[:, None, :]) * held
    odds = own.sum(axis=2) / np.maximum(held.sum(axis=1), 1)  # (year, state), beyond the mean fellow member
    odds = odds[:, held.any(axis=1)]
    between, within = float(odds.mean(axis=0).var()), float(odds.var(axis=0).mean())
    return between / (between + within) if between + within >= TENTH**2 else 0.0


POLITICS = (
    Claim(
        id="C16",
        title="Domestic politics drives the timing: exits and threats cluster under new sovereigntist governments.",
        title_zh="国内政治决定时机：退出与威胁集中在主权主义政府上台之初。",
        sources="Z P T",
        mechanism="elections, reviews by new governments, positions of parties",
        measure="rate of exits and threats in a sovereigntist government's first year over the rate at other times",
        threshold=1.5,
        why="half as often again",
        refuted_by="first years see no more than 1.5 times the exits and threats of other times",
        cases={"exit": EXIT},
        value=timing,
        rule={"membership.review_sovereigntism": 1.0},
        rule_text="new sovereigntist governments review memberships; off: only wholly sovereigntist ones",
    ),
    Claim(
        id="C30",
        title="Declining relative power makes the hegemon more likely to leave.",
        title_zh="相对实力下降使霸权更可能退出。",
        sources="Z T",
        mechanism="exit by the share of the world's economy lost, and by distance from what bodies decide",
        measure="log-odds of exit of the United States, declining less still share of the world's economy",
        threshold=TENTH,
        why="exits a tenth more likely",
        refuted_by="decline makes exit less than a tenth more likely",
        cases={
            "moving": Case("base", {"politics.baseline": "moving"}),
            "still": Case("base", {"politics.baseline": "still"}),
        },
        value=declining_power,
        rule={"membership.decline_log_odds": 0.0},
        rule_text="a smaller share of the world's economy makes exits likelier by itself",
        reversed={"membership.decline_log_odds": -0.7},
        switched_on={"membership.decline_log_odds": 0.7},
    ),
    Claim(
        id="C34",
        title="Exit frees the leaver for unilateral action: the same act pays it more.",
        title_zh="退出使退出国得以放手单边行动：同一行动收益更大。",
        sources="T",
        mechanism="obligations of members reduce the payoff of acting alone",
        measure="gain of the act after leaving over the gain of a member, less 1, 2027-2028",
        threshold=0.1,
        why="a tenth more",
        refuted_by="the act pays a member as much, within a tenth",
        cases={
            "free": Case("unilateral-act", quarters=16),
            "bound": Case("unilateral-act", {"shocks.leave.probability": 0.0}, quarters=16),
        },
        value=freed,
        rule={"shocks.act.payoff": 0.0},
        rule_text="the payoff that obligations reduce",
    ),
    Claim(
        id="C39",
        title="A batch exit feeds back on elections: it moves the chance of a change of government.",
        title_zh="成批退出反作用于选举：改变政府更替的概率。",
        sources="P N",
        mechanism="mobilization by recent acts, of either sign",
        measure="absolute change of the probability that the next election changes the government, end of 2028",
        threshold=0.05,
        why="five points of probability",
        refuted_by="the chance of a change moves by less than five points either way",
        cases={"exit": Case("us-exit-2026", quarters=16)},
        value=feedback,
        rule={"politics.mobilization_log_odds": 0.0},
        rule_text="recent acts move elections",
        reversed={"politics.mobilization_log_odds": -1.0},
        switched_on={"politics.mobilization_log_odds": 1.0},
    ),
    Claim(
        id="C44",
        title="Using institutions as instruments is a lasting habit of the state across parties.",
        title_zh="把国际机构当工具是国家跨越党派的持久习惯。",
        sources="Z",
        mechanism="lasting positions of states beside those of their governments",
        measure="share of the variance of log-odds of exit between states rather than between years and parties",
        threshold=0.5,
        why="more than half",
        refuted_by="half of the variance or more lies within states, or states hardly differ at all",
        cases={"rest": Case("base")},
        value=lasting_habit,
        rule={"membership.distance_log_odds": 0.0},
        rule_text="the exit hazard rises with the distance of a state's position",
    ),
)

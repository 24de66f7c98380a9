"""Claims on threats, concessions, votes and adopted positions."""

from collections.abc import Mapping

import numpy as np

from abm.comparison import Comparison
from abm.recording import Recording
from abm.state.world import RULES
from experiments.claims.claim import POINT, Case, Claim
from experiments.claims.quantities import (
    Rows,
    actor,
    bodies_called,
    concerned,
    farther,
    left,
    mean,
    others,
    share,
    shocked,
    stayers,
    trust_lost,
    window,
)

EXIT = Case("us-exit-2026")
STEP = 0.05
"""Ideal points; as far as one adopted resolution moves an organization whose proposal is a unit away."""
DRIFT = 0.03
"""Ideal points; a twentieth of the mean distance between a state and an organization, .62."""
RALLY = {"legitimacy.rally_weight": 1.2, "commitment.rally_weight": 0.6, "response.rally_weight": 1.0}
"""One rule in three places: those who stay think more of the organization, comply more and back its secretariat."""
ANSWERS = ("concession", "announce", "bluff")
"""Events in which a threat ends: the organization gives way, the state leaves, the state stays."""
KEPT = 0.95
DEADLINE = 8
"""Quarter, counted from the start, in which the threats of the scenario fall due."""


def towards_the_strong(pairs: Mapping[str, Comparison]) -> float:
    """C10: how much nearer threatened organizations come to the threatening state, ideal points, 2028 to 2030."""
    pair = pairs["threat"]
    return -farther(pair, concerned(pair), 2028, 2030)


def choice_by_attraction(pairs: Mapping[str, Comparison]) -> float:
    """C12: distance from organizations that are left less distance from those that are not, of all threatened ones.

    At the deadline, before anything is moved; -1 where one of the three answers never occurs.
    """
    pair = pairs["threats"]
    found: dict[str, list[int]] = {kind: [] for kind in ANSWERS}
    for quarter, event in pair.run.events_of(*ANSWERS):
        settled = quarter == DEADLINE and (event.kind != "announce" or event.details["origin"] != "hazard")
        if settled and event.actor == actor(pair) and event.organization < pair.run.world.built:
            found[event.kind].append(event.organization)
    if not all(found.values()):
        return -1.0
    before = DEADLINE - 1
    gap = np.linalg.norm(pair.run.positions[before] - pair.run.fields["votes"][before, actor(pair)], axis=1)
    return mean(gap[found["announce"]]) - mean(gap[found["concession"] + found["bluff"]])


def _reformed(pair: Comparison) -> float:
    """Return the share of organizations concerned that gave way to the actor or adapted to it."""
    codes = {event.code for _, event in pair.run.events_of("concession", "adaptation") if event.actor == actor(pair)}
    return mean(bodies_called(pair.run, codes)[concerned(pair)].astype(float))


def room_for_reform(pairs: Mapping[str, Comparison]) -> float:
    """C13: share of organizations reformed under bargaining less the share under decoupling, the same organizations."""
    return _reformed(pairs["bargain"]) - _reformed(pairs["decouple"])


def review_hits(pairs: Mapping[str, Comparison]) -> float:
    """C14: share dropped by the review among the organizations of the real list, less the share among all others."""
    pair = pairs["review"]
    told = pair.run.events_of("announce", "participation_stopped")
    dropped = bodies_called(pair.run, {e.code for quarter, e in told if e.actor == actor(pair) and quarter == 4})
    candidates = (pair.twin.fields["participation"][3, actor(pair)] > 0) & (pair.run.alive[3] > 0)
    listed = shocked(pairs["list"])
    return mean(dropped[candidates & listed].astype(float)) - mean(dropped[candidates & ~listed].astype(float))


def drifting_away(pairs: Mapping[str, Comparison]) -> float:
    """C20: how much farther from the leaver the organizations that it left decide, ideal points, 2029 to 2031."""
    pair = pairs["exit"]
    return farther(pair, left(pair), 2029, 2031)


def _guarded(run: Recording) -> Rows:
    """Return the organizations with vetoes or weighted votes; shape (organization,)."""
    rules = run.world.voting_rule[: run.world.built]
    return (rules == RULES.index("veto")) | (rules == RULES.index("weighted"))


def label_without_power(pairs: Mapping[str, Comparison]) -> float:
    """C21: how many of three parts hold: the vote is lost; allies trust less; vetoes and weights keep influence.

    Trust by one point in 2028 to 2030; influence within a twentieth of the twin's in the guarded organizations that it
    pays: what is not paid for (peacekeeping) is lost by that and not by the label.
    """
    pair = pairs["arrears"]
    lost = any(event.actor == actor(pair) for _, event in pair.run.events_of("vote_lost"))
    allies = pair.run.world.camp > 0
    run, twin = share(pair, "agenda_share", ~others(pair), _guarded(pair.run) & ~shocked(pair), 2028, 2030)
    return float(lost) + float(trust_lost(pair, allies, 2028, 2030) >= POINT) + float(run >= KEPT * twin)


def selective(pairs: Mapping[str, Comparison]) -> float:
    """C22: drift from the leaver in unguarded organizations it stays in, less that in guarded ones, 2029 to 2031."""
    pair = pairs["exit"]
    stays = ~left(pair) & (pair.run.fields["participation"][:, actor(pair)].min(axis=0) > 0)
    guarded = _guarded(pair.run)
    return farther(pair, stays & ~guarded, 2029, 2031) - farther(pair, stays & guarded, 2029, 2031)


def others_win(pairs: Mapping[str, Comparison]) -> float:
    """C31: how many more resolutions go the way of those who stay, share of those they vote on, 2028 to 2031."""
    pair = pairs["exit"]
    when = window(pair.run, 2028, 2031)
    won = []
    for one in (pair.run, pair.twin):
        cast = one.fields["votes_cast_number"][when].sum(axis=0)
        won.append(one.fields["votes_won_number"][when].sum(axis=0) / np.where(cast > 0, cast, np.nan))
    return mean((won[0] - won[1])[others(pair)])


def rally(pairs: Mapping[str, Comparison]) -> float:
    """C37: the smallest of three changes after exits, 2028 to 2031: stayers' view, commitment, nearness."""
    pair = pairs["exit"]
    when = window(pair.run, 2028, 2031)
    stays = pair.run.fields["participation"][when] * others(pair)[:, None] * left(pair)
    weight = stays / np.maximum(stays.sum(axis=1, keepdims=True), 1)
    centre = np.einsum("qso,qsa->qoa", weight, pair.twin.fields["votes"][when])  # where those who stay vote in the twin
    gaps = [np.linalg.norm(one.positions[when] - centre, axis=2)[:, left(pair)] for one in (pair.run, pair.twin)]
    changes = [stayers(pair, name, left(pair), 2028, 2031) for name in ("legitimacy", "commitment")]
    return min(*changes, mean(gaps[1] - gaps[0]))


VOTING = (
    Claim(
        id="C10",
        title="An organization under threat turns cautious: it moves towards the strong.",
        title_zh="受压的组织趋于谨慎，并向强者一方妥协。",
        sources="Z",
        mechanism="concession to credible threats, adaptation to announced exits",
        measure="how much nearer threatened bodies come to the threatening state, ideal points, 2028-2030",
        threshold=STEP,
        why="as far as one adopted resolution moves a body",
        refuted_by="threatened bodies move by less than .05, or away",
        cases={"threat": Case("threat", quarters=24)},
        value=towards_the_strong,
        rule={"voice.concession": 0.0},
        rule_text="a conceded demand moves the body",
    ),
    Claim(
        id="C12",
        title="Exit, reform under threat and staying are chosen by how attractive exit is.",
        title_zh="霸权在退出、要挟改革与留下之间，按退出的吸引力作选择。",
        sources="Z",
        mechanism="exit value by distance and government, private; need of the body",
        measure="distance from bodies left less distance from those kept after a threat to all; -1 without all answers",
        threshold=STEP,
        why="as far as one adopted resolution moves a body",
        refuted_by="bodies that are left are no farther away, or one of the three answers never occurs",
        cases={"threats": Case("threat-all", quarters=12)},
        value=choice_by_attraction,
        rule={"voice.exit_value_distance": 0.0},
        rule_text="exit is worth more the farther the body is",
        reversed={"voice.exit_value_distance": -0.3},
    ),
    Claim(
        id="C13",
        title="Bargaining by threats with a demand leaves room for reform, decoupling by exits does not.",
        title_zh="附带要求的威胁（讨价还价）留有改革余地，直接退出（脱钩）则没有。",
        sources="Z T",
        mechanism="threats with a demand against exits without one",
        measure="share of bodies that give way or adapt, threats less exits, the same 15 agencies",
        threshold=0.1,
        why="a tenth of the bodies",
        refuted_by="as many bodies adapt to exits as to threats, within a tenth",
        cases={"bargain": Case("threat-agencies", quarters=16), "decouple": Case("batch", quarters=16)},
        value=room_for_reform,
        rule={"voice.need_threshold": 1.0},
        rule_text="bodies give way where they need the member; off: no member is needed enough",
    ),
    Claim(
        id="C14",
        title="A review by value for money and issue drops the bodies that were dropped in January 2026.",
        title_zh="按性价比与议题的审查会退出与2026年1月名单相同的组织。",
        sources="P T",
        mechanism="review: value of each membership against its price",
        measure="share dropped among the bodies of the list less the share dropped among the others",
        threshold=0.2,
        why="clearly better than chance: two standard deviations of a random half of some hundred bodies",
        refuted_by="listed bodies are dropped hardly more often than others",
        cases={"review": Case("review-2025", quarters=8), "list": Case("us-exit-2026", fixed=True)},
        value=review_hits,
        rule={"shocks.0.bar": 0.25},
        rule_text="the share to be dropped, which is that of the list; off: a quarter",
    ),
    Claim(
        id="C20",
        title="The leaver loses say: bodies that it left decide farther from what it wants.",
        title_zh="退出国丧失议程影响力：它退出的机构的决定离其意愿更远。",
        sources="P N S",
        mechanism="authors by influence, votes by members, adopted positions",
        measure="how much farther from the leaver bodies decide than in the twin, ideal points, 2029-2031",
        threshold=DRIFT,
        why="a twentieth of the mean distance .62",
        refuted_by="decisions of the bodies left drift by less than .03, or nearer",
        cases={"exit": EXIT},
        value=drifting_away,
        rule={"voting.step": 0.0},
        rule_text="adopted resolutions move the body",
    ),
    Claim(
        id="C21",
        title="Losing the Assembly vote fixes a label and erodes allies' trust, but does not shake core power.",
        title_zh="丧失大会投票权只是贴上标签、侵蚀盟友信任，却不动摇核心权力。",
        sources="N",
        mechanism="Article 19, several voting rules, trust",
        measure="parts that hold, of three: vote lost; allies' trust a point down; influence under vetoes kept",
        threshold=3.0,
        why="all three parts",
        refuted_by="one of the three parts fails",
        cases={"arrears": Case("article-19")},
        value=label_without_power,
        rule={"trust.label_weight": 0.0},
        rule_text="a lost vote costs trust",
        reversed={"trust.label_weight": -0.2},
        switched_on={"trust.label_weight": 0.2},
    ),
    Claim(
        id="C22",
        title="Leave the groups, keep the rights: vetoes and weights keep the leaver's say where it stays.",
        title_zh="退群不弃权：在有否决权或加权表决的机构，退出国影响力不减。",
        sources="N T",
        mechanism="voting rules and veto players by body",
        measure="drift away from the leaver, bodies it stays in: all votes alike less those with veto or weights",
        threshold=DRIFT,
        why="a twentieth of the mean distance .62",
        refuted_by="bodies with veto or weights drift away as far as the others that it stays in",
        cases={"exit": Case("selective", quarters=28)},
        value=selective,
        rule={"leadership.votes_weight": 0.0},
        rule_text="votes and weights count in influence on the agenda",
    ),
    Claim(
        id="C31",
        title="Those who remain gain influence: more resolutions go their way.",
        title_zh="最大成员退出后，其余成员影响力上升：更多决议如其所愿。",
        sources="P N S",
        mechanism="votes and adopted positions without the leaver",
        measure="resolutions decided the way of the others, share of those voted on, change 2028-2031",
        threshold=POINT,
        why="one resolution in a hundred",
        refuted_by="the others win no more of their votes than in the twin",
        cases={"exit": EXIT},
        value=others_win,
        rule={"leadership.filling_rate": 0.0},
        rule_text="vacated posts go to those who stay",
    ),
    Claim(
        id="C37",
        title="The rest rally, and the body moves towards its remaining majority.",
        title_zh="其余成员团结起来，机构向剩余多数靠拢。",
        sources="T",
        mechanism="rally of those who stay, of either sign: views, commitment, backing of secretariats that resist",
        measure="smallest of three changes 2028-2031: stayers' view, their commitment, nearness in ideal points",
        threshold=POINT,
        why="each by one point in a hundred",
        refuted_by="views or commitment of the stayers do not rise, or the body does not move to them",
        cases={"exit": EXIT},
        value=rally,
        rule=dict.fromkeys(RALLY, 0.0),
        rule_text="an exit makes those rally who distrust the leaver",
        reversed={"legitimacy.rally_weight": -RALLY["legitimacy.rally_weight"]},
        switched_on=RALLY,
    ),
)

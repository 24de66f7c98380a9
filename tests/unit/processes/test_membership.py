"""Exit by the published yearly logit, contagion of four quarters, review and return: computed by hand."""

import numpy as np
import pytest

from abm.processes.membership import MembershipParameters, terms
from abm.state.world import World
from tests.worlds_small import Luck, after, proposed, small_world

LOGIT = {"intercept": -2.0, "distance_log_odds": 0.95, "contagion_log_odds": 3.348, "size_log_odds": -0.606,
         "coefficient_spread": 0.0, "review_bar": 1.0, "value_log_odds": 0.0, "act_spread": 0.0,
         "joint_probability": 0.0, "withdrawal_rate": 0.0}  # fmt: skip


def quarterly(log_odds: float) -> float:
    return 1 - (1 - 1 / (1 + np.exp(-log_odds))) ** 0.25


def leavers(world: World, luck: float, **values: object) -> list[tuple[int, int]]:
    events = proposed("membership", world, Luck(world, pairs=luck), **(LOGIT | values)).events
    return [(event.actor, event.organization) for event in events if event.kind == "announce"]


@pytest.mark.parametrize(
    ("fields", "values", "log_odds"),
    [
        ({}, {}, -2 - 0.606 * np.log(3)),
        ({"distance": 2.0}, {"distance_from": "position"}, -2 + 0.95 * 2 - 0.606 * np.log(3)),
        ({"distance": 2.0}, {}, -2 - 0.606 * np.log(3)),
        ({"exit_form": 2.0}, {"participation_log_odds": -0.7}, -2.7 - 0.606 * np.log(3)),
        ({"council_size": 20.0}, {}, -2 - 0.606 * np.log(20)),
        ({"legitimacy": 0.6}, {"legitimacy_log_odds": -2.0}, -2 + 0.8 - 0.606 * np.log(3)),
        ({"reciprocal": 1.0, "reference_members": 6.0}, {"reciprocity_log_odds": 1.5}, -2 + 0.75 - 0.606 * np.log(3)),
        ({"censured": 2.0}, {"censure_log_odds": 0.5}, -2 + 1 - 0.606 * np.log(3)),
        ({"propensity": 2.0}, {"propensity_spread": 0.5}, -2 + 1 - 0.606 * np.log(3)),
        ({"lobby": 2.0}, {"lobby_log_odds": 0.5}, -2 - 1 - 0.606 * np.log(3)),
        ({"capability": 0.25}, {"decline_log_odds": 0.7}, -2 + 0.7 * np.log(4 / 3) - 0.606 * np.log(3)),
        ({"capability": 0.5}, {"decline_log_odds": 0.7}, -2 - 0.7 * np.log(3 / 2) - 0.606 * np.log(3)),
    ],
)
def test_quarterly_probability_of_exit(fields: dict[str, object], values: dict[str, float], log_odds: float) -> None:
    """Everybody leaves if luck lies just below 1 - (1 - p)^(1/4), nobody if just above."""
    world = small_world(3, 2, **fields)  # type: ignore[arg-type]
    p = quarterly(log_odds)
    assert len(leavers(world, p * (1 - 1e-9), **values)) == 6
    assert leavers(world, p * (1 + 1e-9), **values) == []


def test_rivals_on_the_agenda_change_the_value_of_staying() -> None:
    """S0 distrusts S1 by .5, whose influence grew by .4 beyond its share of experts."""
    agenda = [[0.3, 0.3], [0.7, 0.7], [0, 0]]
    world = small_world(trust=[[1, -0.5, 0], [0, 1, 0], [0, 0, 1]], agenda_share=agenda, expert_share=[[0.3] * 2] * 3)
    p = quarterly(-2 + 2 * 0.5 * 0.4 - 0.606 * np.log(3))
    assert leavers(world, p * (1 - 1e-9), rival_log_odds=2.0) == [(0, 0), (0, 1)]
    assert leavers(world, p * (1 + 1e-9), rival_log_odds=2.0) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"notice": 2.0},
        {"member": 0.0},
        {"exit_form": 2.0, "participation": 0.0},
        {"alive": 0.0},
        {"members_known": 0.0},
    ],
)
def test_who_cannot_leave(fields: dict[str, object]) -> None:
    assert leavers(small_world(3, 2), 0.0) != []
    assert leavers(small_world(3, 2, **fields), 0.0) == []  # type: ignore[arg-type]


def test_announcement_starts_the_body_s_notice() -> None:
    """Effect in step 1 of q + notice: one quarter of it is over when step 1 of q + 1 comes."""
    world = small_world(3, 2, notice_rule=[4, 0])
    later = after("membership", world, Luck(world, pairs=[[0, 1], [1, 0], [1, 1]]), **LOGIT)
    np.testing.assert_array_equal(later.notice, [[3, -1], [-1, 0], [-1, -1]])
    np.testing.assert_array_equal(later.announced, [[1, 0], [0, 1], [0, 0]])


def test_what_an_organization_did_to_a_state_drives_it_out() -> None:
    """A hazard of h, and .4 times a grievance of .5 beside it; half of the grievance is left for the next quarter."""
    world = small_world(3, 1, grievance=[[0.5], [0], [0]])
    p = 1 - (1 - quarterly(-2 - 0.606 * np.log(3))) * 0.8
    assert leavers(world, p * (1 - 1e-9), reaction=0.4) == [(0, 0)]
    assert leavers(world, p * (1 + 1e-9), reaction=0.4) == []
    assert after("membership", world, Luck(world, pairs=0.9), **LOGIT).grievance[0, 0] == 0.25


def test_allies_feel_what_an_organization_did_to_a_state() -> None:
    """S2, no member, was acted on with .5. Of its affinity S0 has 1 and S1 a half: of .6 states, .4 and .2."""
    trust = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
    world = small_world(3, 1, grievance=[[0], [0], [0.5]], member=[[1], [1], [0]], trust=trust)
    values = {"joint_power": 1.0, "solidarity": 0.6, "reaction": 1.0}
    for felt, still, expected in ((0.2, 0.0, [(0, 0)]), (0.1, 0.0, [(0, 0), (1, 0)])):
        p = 1 - (1 - quarterly(-2 - 0.606 * np.log(2))) * (1 - felt)
        assert leavers(world, p * (1 - 1e-9), **values) == expected
        assert leavers(world, p * (1 - 1e-9), **values | {"solidarity": still}) == []


def test_a_government_acts_on_many_organizations_at_once() -> None:
    """At twice the spread in mood its log-odds rise by 2 x 1.5 - 1.5^2 / 2, in all its organizations."""
    world = small_world(3, 2)
    p = quarterly(-2 - 0.606 * np.log(3) + 3 - 1.125)
    values = LOGIT | {"act_spread": 1.5}
    for luck, expected in ((p * (1 - 1e-9), [(0, 0), (0, 1)]), (p * (1 + 1e-9), [])):
        given = Luck(world, pairs=luck, normals=[2.0, -1.0, -1.0])
        events = proposed("membership", world, given, **values).events
        assert [(event.actor, event.organization) for event in events] == expected


def test_an_organization_of_little_value_is_left_sooner() -> None:
    """S0 holds seats worth .3 and .9 to it; around their mean of .6, log-odds move by 2 x .3."""
    world = small_world(1, 2, initial_effectiveness=[0.15, 0.45])  # all agenda and posts are its own: times 3
    assert world.value[0].tolist() == pytest.approx([0.45, 1.35])
    base = -2.0
    for shift, expected in ((0.9, [(0, 0)]), (-0.9, [(0, 0), (0, 1)])):
        p = quarterly(base + shift)
        assert leavers(world, p * (1 - 1e-9), value_log_odds=2.0) == expected


def test_close_allies_announce_together() -> None:
    """S0 leaves by itself. S1 has all of its affinity, S2 none; S1 joins below 1.2, here always, if S0 acts jointly."""
    world = small_world(3, 1, trust=[[1, 1, -1], [1, 1, -1], [-1, -1, 1]])
    values = LOGIT | {"joint_probability": 0.5, "joint_allies": 0.8}
    alone = quarterly(-2 - 0.606 * np.log(3) - np.log(1.4))

    def leaving(own: float, ally: float) -> list[int]:
        """S0 draws a part of its own chance, S1 a part of what is above its own."""
        luck = Luck(world, pairs=[[alone * own], [alone + (1 - alone) * ally], [0.9]])
        return [event.actor for event in proposed("membership", world, luck, **values).events]

    assert leaving(0.49, 0.79) == [0, 1]
    assert leaving(0.51, 0.79) == [0]
    assert leaving(0.49, 0.81) == [0]


def test_who_leads_a_joint_exit_does_not_follow_itself() -> None:
    """S0 leads; S1, all of its affinity, joins. What decides the exit of S0 is not an ally, since there is none."""
    world = small_world(3, 1, trust=[[1, 1, -1], [1, 1, -1], [-1, -1, 1]])
    luck = Luck(world, pairs=[[0.0], [0.5], [0.9]])
    events = proposed("membership", world, luck, **(LOGIT | {"joint_probability": 1.0, "joint_allies": 0.8})).events
    rules = {event.actor: event.details["rule"] for event in events}
    assert rules.keys() == {0, 1}
    assert rules[1] == "ally"
    assert rules[0] != "ally"


@pytest.mark.parametrize(
    ("age", "withheld", "pair", "own", "kept"),
    [
        (9, 0, 0.012, 0.0, True), (9, 0, 0.013, 0.0, False), (9, 1, 0.0, 0.0, False),
        (0, 1, 0.99, 0.49, True), (0, 0, 0.0, 0.51, False),
    ],
)  # fmt: skip
def test_a_notice_can_be_withdrawn(age: float, withheld: float, pair: float, own: float, kept: bool) -> None:
    """.05 a year is .01274 a quarter; a new government withdraws all notices of the old one with probability .5.

    A government that pays no more does not turn back.
    """
    world = small_world(
        3, 1, notice=[[2], [-1], [-1]], withheld=[[withheld], [0], [0]], government_age=age, example=1.0,
        example_quarters=[[2], [-1], [-1]],
    )  # fmt: skip
    values = LOGIT | {"withdrawal_rate": 0.05, "turn_withdrawal": 0.5, "intercept": -12.0}
    luck = Luck(world, pairs=[[pair], [0.9], [0.9]], states=own)
    events = [event.kind for event in proposed("membership", world, luck, **values).events]
    later = after("membership", world, luck, **values)
    assert events == ["notice_withdrawn"] * kept
    assert (later.notice[0, 0], later.withheld[0, 0], later.followed.any()) == (
        (-1, 0, False) if kept else (2, withheld, True)
    )


def test_what_is_announced_this_quarter_is_not_withdrawn() -> None:
    world = small_world(3, 1, notice=[[2], [-1], [-1]], announced=[[1], [0], [0]], government_age=0.0)
    values = LOGIT | {"turn_withdrawal": 1.0, "intercept": -12.0}
    assert after("membership", world, Luck(world, states=0.0), **values).notice[0, 0] == 2


def test_coefficients_are_drawn_around_their_values() -> None:
    """One standard error up in distance raises the log-odds by .153 per unit beyond the published mean of .62."""
    world = small_world(3, 1, distance=1.62)
    luck = Luck(world, fixed_normals=[1, 0, 0])
    p = quarterly(-2 + 0.95 * 1.62 + 0.153 - 0.606 * np.log(3))
    values = LOGIT | {"coefficient_spread": 1.0, "distance_from": "position"}
    for factor, number in ((1 - 1e-9, 3), (1 + 1e-9, 0)):
        luck._given["pairs"] = p * factor
        assert len(proposed("membership", world, luck, **values).events) == number


def test_preferences_are_distant_from_the_mean_of_those_who_take_part() -> None:
    """S0 stands at 0, S1 at 3, S2 at 6: the mean is 3, and 4.5 once S0 is away. S1 stood nearest, S2 does not now."""
    position = [[0, 0], [3, 0], [6, 0]]
    everybody = small_world(3, 1, position=position)
    np.testing.assert_allclose(everybody.distance_from_members, [[3], [0], [3]])
    rest = small_world(3, 1, position=position, participation=[[0], [1], [1]])
    np.testing.assert_allclose(rest.distance_from_members, [[4.5], [1.5], [1.5]])
    p = quarterly(-2 + 0.95 * 1.5 - 0.606 * np.log(3))
    assert [state for state, _ in leavers(rest, p * (1 - 1e-9)) if state] == [1, 2]
    assert [state for state, _ in leavers(rest, p * (1 + 1e-9)) if state] == []


def test_ended_participation_needs_no_notice() -> None:
    world = small_world(3, 1, exit_form=2.0, notice_rule=4.0)
    later = after("membership", world, Luck(world, pairs=0.0), **LOGIT)
    np.testing.assert_array_equal(later.notice, 0)
    gone = after("exits", later)
    assert (gone.participation.max(), gone.member.min(), gone.voluntary_allowed.max()) == (0, 1, 0)


@pytest.mark.parametrize(
    ("examples", "additivity", "raised"),
    [
        ([1.0, 0.0], 0.5, 3.348),
        ([0.5, 0.0], 0.0, 3.348 / 2),
        ([0.3, 0.4], 1.0, 0.7 * 3.348),
        ([1.0, 1.0], 0.0, 3.348),
        ([1.0, 1.0], 1.0, 2 * 3.348),
        ([1.0, 1.0], 0.5, 2**0.5 * 3.348),
        ([1.0, 0.5], 0.5, 1.5**0.5 * 3.348),
    ],
)
def test_how_exits_add_up(examples: list[float], additivity: float, raised: float) -> None:
    """0 is the published dummy, 1 adds log-odds; up to one lead state they add in any case."""
    world = small_world(3, 1, example=[[examples[0]], [examples[1]], [0]], example_quarters=[[1.0], [4.0], [-1]])
    p = quarterly(-2 + raised - 0.606 * np.log(3))
    values = {"additivity": additivity, "contagion_form": "flat"}
    assert (2, 0) in leavers(world, p * (1 - 1e-9), **values)
    assert (2, 0) not in leavers(world, p * (1 + 1e-9), **values)


@pytest.mark.parametrize("additivity", [0.0, 0.5, 1.0])
def test_where_all_follow_alike_nearness_decides_nothing(additivity: float) -> None:
    """Two lead states left O0, half of one left O1: the whole example is alike for all, however exits add up."""
    world = small_world(3, 2, example=[[1.0, 0.5], [1.0, 0], [0, 0]], example_quarters=[[4, 4], [2, -1], [-1, -1]])
    p = MembershipParameters(contagion_form="flat", additivity=additivity)
    found = terms(world, p, np.zeros(3), np.zeros((3, 2)), (np.array([2, 2]), np.array([0, 1])))
    np.testing.assert_allclose(found["affinity"], 0, atol=1e-12)
    np.testing.assert_allclose(found["example"], [p.contagion_log_odds * 2**additivity, p.contagion_log_odds / 2])


def test_contagion_acts_in_four_quarters() -> None:
    """S0 announces that it leaves O0; the others' hazard is raised in this quarter and the next three, only there."""
    world = small_world(notice=[[2, -1], [-1, -1], [-1, -1]])
    raised = quarterly(-2 + 1 - 0.606 * np.log(3))
    followers = []
    for _ in range(7):
        world = after("exits", world, lead_share=0.15, contagion_quarters=4)
        found = leavers(world, raised)
        assert (0, 0) not in found
        followers.append(sorted(organization for _, organization in found))
        world.quarter += 1
    assert followers == [[0, 0]] * 4 + [[]] * 3


@pytest.mark.parametrize(
    ("form", "power", "factors"),
    [
        ("aligned", 1.0, [2 * 0.9 / 1.2, 2 * 0.3 / 1.2]),
        ("aligned", 2.0, [2 * 0.81 / 0.9, 2 * 0.09 / 0.9]),
        ("affine", 1.0, [2 * 0.72 / 0.82, 2 * 0.1 / 0.82]),
        ("affine", 2.0, [2 * 0.5184 / 0.5284, 2 * 0.01 / 0.5284]),
        ("affine", 0.0, [1.0, 1.0]),
        ("flat", 4.0, [1.0, 1.0]),
    ],
)
def test_who_follows(form: str, power: float, factors: list[float]) -> None:
    """The odds of S1 and S2 rise by the published factor in the mean, and by nearness to S0 apart.

    S1 votes like S0 (.9), S2 does not (.3). S1 is an ally (.8) of like sovereigntism (apart by .2): affinity .72; S2 is
    a rival (-.6) that is as internationalist as S0 is not (apart by .5): affinity .1.
    """
    world = small_world(
        3, 1, member=[[0], [1], [1]], participation=[[0], [1], [1]], party_at_exit=[[1], [0], [0]],
        example=[[1.0], [0], [0]], example_quarters=[[4.0], [-1], [-1]], sovereigntism=[0.8, 0.6, 0.3],
        agreement=[[1, 0.9, 0.3], [0.9, 1, 0.5], [0.3, 0.5, 1]], trust=[[1, 0.8, -0.6], [0.8, 1, 0], [-0.6, 0, 1]],
    )  # fmt: skip
    assert world.affinity[1:, 0].tolist() == pytest.approx([0.72, 0.1])
    rest = -2 - 0.606 * np.log(2)
    for state, factor in zip((1, 2), factors, strict=True):
        p = quarterly(rest + np.log(1 + (np.exp(3.348) - 1) * factor))
        values = {"contagion_form": form, "nearness_power": power}
        assert (state, 0) in leavers(world, p * (1 - 1e-9), **values)
        assert (state, 0) not in leavers(world, p * (1 + 1e-9), **values)


def test_an_exit_taken_back_is_no_example() -> None:
    out = [[0], [1], [1]]
    world = small_world(
        3, 1, member=out, participation=out, party_at_exit=[[1], [0], [0]], example=[[1.0], [0], [0]],
        example_quarters=[[3.0], [-1], [-1]],
    )  # fmt: skip
    later = after("membership", world, Luck(world, pairs=0.0), **(LOGIT | {"return_rate": 1.0, "intercept": -12.0}))
    assert later.member[0, 0] == 1
    assert not later.followed.any()


@pytest.mark.parametrize(
    ("age", "sovereigntism", "view", "dropped"),
    [(0, 0.8, 0.69, True), (0, 0.8, 0.71, False), (1, 0.8, 0.69, False), (0, 0.6, 0.69, False)],
)
def test_new_sovereigntist_government_reviews(age: int, sovereigntism: float, view: float, dropped: bool) -> None:
    world = small_world(
        government_age=[age, 9, 9], sovereigntism=[sovereigntism, 1, 1], legitimacy=[[view, 1], [view, 1], [view, 1]]
    )
    values = {"review_bar": 0.3, "review_sovereigntism": 0.7, "intercept": -12.0, "review_probability": 1.0}
    assert leavers(world, 0.5, **values) == [(0, 0)] * dropped


@pytest.mark.parametrize(
    ("party", "swing", "luck", "returns"),
    [
        (1, 0.9, 0.0075, True),
        (1, 0.9, 0.0077, False),
        (-1, 0.9, 0.1020, True),
        (-1, 0.9, 0.1022, False),
        (-1, 0.3, 0.0075, True),
        (-1, 0.3, 0.0077, False),
    ],
)
def test_return_by_party_through_a_revolving_door(party: int, swing: float, luck: float, returns: bool) -> None:
    """.03 a year under the party that left (1) or without such a door, else .35: .00759 and .10210 a quarter."""
    world = small_world(
        party=[party, -1, -1], party_at_exit=[[1, 0], [0, 0], [0, 0]], member=[[0, 1], [1, 1], [1, 1]],
        participation=[[0, 1], [1, 1], [1, 1]], voluntary_allowed=[[0, 1], [1, 1], [1, 1]],
        arrears=[[9, 0], [0, 0], [0, 0]], swing=swing,
        dues_rate=[[5, 0], [0, 0], [0, 0]],
    )  # fmt: skip
    values = LOGIT | {"return_rate": 0.03, "new_party_return_rate": 0.35, "intercept": -12.0, "settle_arrears": 0.6}
    at_once = party == -1 and swing > 0.5
    shared, single = (luck, 0.9) if at_once else (0.9, luck)  # one draw for all organizations
    later = after("membership", world, Luck(world, states=shared, pairs=single), **values)
    for name in ("member", "participation", "voluntary_allowed"):
        assert getattr(later, name)[0, 0] == returns, name
    assert later.settle.sum() == 0.6 * returns
    assert after("dues", later).arrears.sum() == pytest.approx(9 * 0.4 if returns else 9)


@pytest.mark.parametrize(("power", "rate"), [(0.0, 0.4), (1.0, 0.4 * 0.25), (2.0, 0.4 * 0.0625)])
def test_return_to_an_emptier_house_is_rarer(power: float, rate: float) -> None:
    """S0 is out, and so is S1, who had three quarters of the capability of the others."""
    gone = [[0], [0], [1]]
    world = small_world(
        3, 1, member=gone, participation=gone, party_at_exit=[[-1], [-1], [0]], capability=[0.2, 0.6, 0.2]
    )
    values = LOGIT | {"return_rate": 0.4, "inside_power": power, "intercept": -12.0}
    edge = 1 - (1 - rate) ** 0.25
    for luck, back in ((edge * 0.999, 1.0), (edge * 1.001, 0.0)):
        later = after("membership", world, Luck(world, pairs=[[luck], [0.99], [0.99]]), **values)
        assert later.member[0, 0] == back


def test_a_state_returns_sooner_to_what_is_worth_more() -> None:
    """S0 may return to O0, worth .3, and O1, worth .9: around their mean, log rates move by 2 x .3."""
    out = [[0, 0], [1, 1]]
    world = small_world(
        2, 2, member=out, participation=out, party_at_exit=[[-1, -1], [0, 0]], initial_effectiveness=[0.3, 0.9],
        agenda_share=[[0, 0], [1, 1]], posts_share=[[0, 0], [1, 1]],
    )  # fmt: skip
    assert world.value[0].tolist() == pytest.approx([0.3, 0.9])
    edges = [1 - (1 - 0.2 * np.exp(sign * 0.6)) ** 0.25 for sign in (-1, 1)]
    values = LOGIT | {"return_rate": 0.2, "value_log_odds": 2.0, "intercept": -12.0}
    for factor, back in ((0.999, [1, 1]), (1.001, [0, 0])):
        luck = Luck(world, pairs=[[edges[0] * factor, edges[1] * factor], [0.99, 0.99]])
        assert after("membership", world, luck, **values).member[0].tolist() == back


def test_nobody_returns_where_nobody_is() -> None:
    world = small_world(3, 1, member=0.0, participation=0.0, party_at_exit=-1.0)
    assert not after("membership", world, Luck(world, pairs=0.0), **(LOGIT | {"return_rate": 1.0})).member.any()


@pytest.mark.parametrize("fields", [{"refuses_to_join": 1.0}, {"alive": 0.0}, {"party_at_exit": 0.0}])
def test_who_does_not_return(fields: dict[str, object]) -> None:
    away = [[0.0], [1.0], [1.0]]
    plain = {"party_at_exit": [[1.0], [0.0], [0.0]], "member": away, "participation": away, "swing": 1.0}
    values = LOGIT | {"new_party_return_rate": 1.0, "return_rate": 1.0}
    luck = Luck(small_world(3, 1), states=0.0, pairs=[[0.0], [1.0], [1.0]])
    for given, back in ((plain, 1.0), (plain | fields, 0.0)):
        world = small_world(3, 1, **given)  # type: ignore[arg-type]
        assert after("membership", world, luck, **values).member[0, 0] == back

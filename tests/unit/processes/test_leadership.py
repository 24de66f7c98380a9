"""Posts, the contest for vacant ones, and influence on the agenda; computed by hand."""

import numpy as np
import pytest

from tests.worlds_small import after, small_world

PLAIN = {
    "contest_exponent": 1.0, "incumbency": 0.0, "pooling": 0.0, "distance_weight": 0.0, "filling_rate": 1.0,
    "regain_rate": 0.0, "purchase_share": 0.0, "secondment_rate": 0.0,
    "money_weight": 0.4, "posts_weight": 0.4, "votes_weight": 0.2,
}  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "values", "won"),
    [
        # Bids are roots of capability: 2, 1, 1.
        ({"capability": [4 / 6, 1 / 6, 1 / 6]}, {}, [0.5, 0.25, 0.25]),
        ({"capability": [4 / 6, 1 / 6, 1 / 6]}, {"contest_exponent": 2.0}, [4 / 6, 1 / 6, 1 / 6]),
        ({"ambition": [2, 1, 1]}, {}, [0.5, 0.25, 0.25]),
        ({"legitimacy": [[0.5], [1], [1]]}, {}, [0.2, 0.4, 0.4]),
        ({"distance": [[np.log(2)], [0], [0]]}, {"distance_weight": 1.0}, [0.2, 0.4, 0.4]),
        ({"participation": [[0], [1], [1]]}, {}, [0, 0.5, 0.5]),
        # The bloc of S1 and S2 bids 2 together, against 1: squared 4 against 1, shared by halves.
        ({"bloc": [-1, 0, 0]}, {"contest_exponent": 2.0, "pooling": 1.0}, [0.2, 0.4, 0.4]),
        ({"bloc": [-1, 0, 0]}, {"contest_exponent": 2.0, "pooling": 0.0}, [1 / 3, 1 / 3, 1 / 3]),
        # Sitting holders have it all by incumbency.
        ({"posts_share": [[0.3], [0.1], [0]]}, {"incumbency": 1.0}, [0.75, 0.25, 0]),
        ({"posts_share": [[0.3], [0.1], [0]]}, {"incumbency": 0.5, "contest_exponent": 1.0}, [13 / 24, 7 / 24, 4 / 24]),
    ],
)
def test_vacant_posts(fields: dict[str, object], values: dict[str, float], won: list[float]) -> None:
    world = small_world(3, 1, **({"posts_share": 0.1, "vacancy": 0.4} | fields))  # type: ignore[arg-type]
    later = after("leadership", world, **(PLAIN | values))
    np.testing.assert_allclose(later.posts_share[:, 0] - world.posts_share[:, 0], 0.4 * np.array(won))
    np.testing.assert_allclose(later.vacancy, 0, atol=1e-15)


def test_posts_are_filled_bit_by_bit() -> None:
    world, left = small_world(3, 1, posts_share=0.2, vacancy=0.4), []
    for _ in range(3):
        world = after("leadership", world, **(PLAIN | {"filling_rate": 0.25}))
        left.append(float(world.vacancy[0]))
        assert world.posts_share.sum() + world.vacancy.sum() == pytest.approx(1)
    np.testing.assert_allclose(left, [0.3, 0.225, 0.16875])


def test_agenda_mixes_money_posts_and_votes() -> None:
    """S0 pays half, S1 sits on half the posts, votes are equal: .4, .4 and .2 of each."""
    world = small_world(
        3, 1, has_budget=1.0, paid=[[20], [10], [0]], voluntary=[[10], [5], [5]], rescue=[[0], [5], [5]],
        posts_share=[[0.25], [0.5], [0.25]]
    )  # fmt: skip
    later = after("leadership", world, **PLAIN)
    mixed = 0.4 * np.array([0.5, 1 / 3, 1 / 6]) + 0.4 * np.array([0.25, 0.5, 0.25]) + 0.2 / 3
    np.testing.assert_allclose(later.agenda_share[:, 0], mixed)


def test_weights_stand_for_votes_and_capability_for_money_in_light_bodies() -> None:
    world = small_world(
        3, 1, voting_rule=3.0, weighted_power=[[0.6], [0.2], [0.2]], capability=[0.5, 0.25, 0.25],
        posts_share=[[0.5], [0.25], [0.25]]
    )  # fmt: skip
    later = after("leadership", world, **PLAIN)
    np.testing.assert_allclose(later.agenda_share[:, 0], [0.4 * 0.5 + 0.4 * 0.5 + 0.12, 0.24, 0.24])


def test_absent_states_have_no_influence() -> None:
    world = small_world(3, 1, participation=[[0], [1], [1]], has_budget=1.0, paid=10.0)
    assert after("leadership", world, **PLAIN).agenda_share[:, 0].tolist() == pytest.approx([0, 0.5, 0.5])


def test_where_all_posts_are_vacant_a_returner_takes_none_beside_the_contest() -> None:
    """Posts and vacancy stay at most one: else all could leave once more and leave more than there is."""
    world = small_world(3, 1, party_at_exit=[[1], [0], [0]], posts_share=0.0, vacancy=1.0, expert_share=1 / 3)
    for _ in range(20):
        world = after("leadership", world, **(PLAIN | {"regain_rate": 0.5, "filling_rate": 0.0}))
        assert world.posts_share[:, 0].sum() + world.vacancy[0] <= 1 + 1e-9


def test_returner_regains_posts_slowly_and_by_its_credibility() -> None:
    """S0 had .4 of the posts and has none; it claims .8 of that, gets a tenth: .032 / 1.032 of all posts."""
    world = small_world(
        3, 1, party_at_exit=[[1], [0], [0]], expert_share=[[0.4], [0.3], [0.3]], posts_share=[[0], [0.5], [0.5]],
        credibility=[0.8, 1, 1]
    )  # fmt: skip
    later = after("leadership", world, **(PLAIN | {"regain_rate": 0.1}))
    np.testing.assert_allclose(later.posts_share[:, 0], np.array([0.032, 0.5, 0.5]) / 1.032)


def gap(**fields: object) -> dict[str, object]:
    """A gap of 100 in the first of two bodies, of which 20 are rescued and 10 given by foundations."""
    return {"has_budget": 1.0, "funding_gap": [100, 0], "rescue": [[20, 0], [0, 0], [0, 0]],
            "private_income": [10, 0]} | fields  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "values", "offered"),
    [
        # Bids are roots of capability: 2, 1, 1; half of the 70 that are open is bid for.
        ({}, {}, [17.5, 8.75, 8.75]),
        ({}, {"purchase_share": 0.0}, [0, 0, 0]),
        ({}, {"purse_share": 4e-11}, [10, 8.75, 8.75]),  # of a GDP of 1e12 a year, 10 a quarter for all
        ({"notice": [[3, -1], [-1, -1], [-1, -1]]}, {}, [0, 8.75, 8.75]),
        ({"voluntary_allowed": [[0.4, 1], [1, 1], [1, 1]]}, {}, [7, 8.75, 8.75]),
        ({"rescue": [[200, 0], [0, 0], [0, 0]]}, {}, [0, 0, 0]),
        ({"has_budget": 0.0}, {}, [0, 0, 0]),
    ],
)
def test_where_a_gap_is_open_members_offer_money_for_influence(
    fields: dict[str, object], values: dict[str, float], offered: list[float]
) -> None:
    resting: dict[str, object] = {"capability": [4 / 6, 1 / 6, 1 / 6], "voluntary_allowed": 1.0, "notice": -1.0}
    world = small_world(3, 2, **(resting | gap(**fields)))  # type: ignore[arg-type]
    later = after("leadership", world, **(PLAIN | {"purchase_share": 0.5} | values))
    np.testing.assert_allclose(later.bought, np.column_stack([offered, np.zeros(3)]))


def test_posts_pass_to_those_who_pay_for_them() -> None:
    """S1 pays a quarter of the income: an eighth of all posts passes to it, from each in proportion."""
    world = small_world(
        3, 1, has_budget=1.0, income=40.0, bought=[[0], [10], [0]], posts_share=[[0.5], [0.25], [0.25]]
    )  # fmt: skip
    later = after("leadership", world, **(PLAIN | {"secondment_rate": 0.5}))
    kept = 1 - 0.5 / 4
    np.testing.assert_allclose(later.posts_share[:, 0], [0.5 * kept, 0.25 * kept + 0.125, 0.25 * kept])
    assert later.agenda_share[1, 0] == later.agenda_share[:, 0].max()

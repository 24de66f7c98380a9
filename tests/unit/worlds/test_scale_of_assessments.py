"""The scale by which states of drawn worlds pay: near that of the United Nations, and worked by hand."""

import numpy as np

from abm.data.frames import framed
from abm.data.world_tables import read_tables
from abm.worlds.parameters import SyntheticParameters
from abm.worlds.synthetic_states import scale_of_assessments


def test_rates_follow_the_capacity_to_pay() -> None:
    states = framed(read_tables()).states
    rate = scale_of_assessments(
        states["gdp_usd"].to_numpy(float), states["population"].to_numpy(float), SyntheticParameters()
    )
    assert np.corrcoef(np.log(rate), np.log(states["un_rate"]))[0, 1] > 0.95
    by_hand = scale_of_assessments(
        np.array([30.0, 10.0, 10.0, 10.0, 10.0, 0.0001]), np.full(6, 10.0), SyntheticParameters()
    )
    # Mean income 1.17: the four of income 1 are discounted alike; the largest is at the ceiling, the last at the floor.
    np.testing.assert_allclose(by_hand, [22, 77.999 / 4, 77.999 / 4, 77.999 / 4, 77.999 / 4, 0.001], rtol=1e-6)


def test_the_poor_are_relieved_of_a_share_of_their_shortfall() -> None:
    """Five states of income 3 and five of 1, mean 2: the poor lie half below it, so .8 of a half is taken off."""
    rate = scale_of_assessments(np.repeat([30.0, 10.0], 5), np.full(10, 10.0), SyntheticParameters(rate_relief=0.8))
    np.testing.assert_allclose(rate, np.repeat([100 * 30 / 180, 100 * 6 / 180], 5), rtol=1e-6)  # 5 * 30 + 5 * 6

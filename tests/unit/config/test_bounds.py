"""Bounds of values: the last one inside, the first one outside, and what the refusal says."""

import pytest

from abm.config.reader import ConfigError, load_experiment


def test_a_seed_fits_into_eight_bytes() -> None:
    assert load_experiment("base", [f"seed={2**63 - 1}"]).seed == 2**63 - 1
    with pytest.raises(ConfigError, match="seed"):
        load_experiment("base", [f"seed={2**63}"])


@pytest.mark.parametrize(("share", "allowed"), [(1.5, "up to 1"), (-0.5, "from 0")])
def test_a_share_out_of_range_is_told_the_bound_that_it_passes(share: float, allowed: str) -> None:
    with pytest.raises(ConfigError, match=rf"USA: {share} is out of range; allowed {allowed}"):
        load_experiment({"extends": "base", "world": {"dues_share": {"WHO": {"USA": share}}}})

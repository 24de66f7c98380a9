"""What all seen episodes show together, as targets of calibration: none is held to a single case.

Observations that the model was built without (`seen: no`) are left out. A quantity that one run cannot tell is averaged
over those that tell it.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from experiments.validation.episodes import Wanted, grouped, observe
from experiments.validation.observations import KNOWN, Observation, observations

SMALL = ("UNDP 2015", "UNEP 2017", "UNFPA 2017", "UNAIDS 2018", "UNRWA 2018", "WHO 2018")
"""Cuts by the United States that stood alone."""
LARGE = ("FAO 2023", "WFP 2023", "FAO 2024", "IAEA 2024", "UNRWA 2024")
"""Cuts in the years in which it cut most, and others with it."""
POOLS: dict[str, tuple[str, tuple[str, ...]]] = {
    "refill_small": ("refill_4", SMALL),
    "refill_small_later": ("refill_8", SMALL),
    "refill_large": ("refill_4", LARGE),
    "refill_dues": ("refill_4", ("UNESCO 1984", "UNESCO 2011")),
    "followers": ("followers", ("UNESCO 1984", "UNESCO 2017", "Paris 2017", "WHO 2020")),
    "budget_cut": ("budget_cut", ("WHO 2025", "UNICEF 2025")),
    "staff_per_budget": ("staff_per_budget", ("UNESCO 1984", "UNESCO 2011", "WHO 2025", "UN 2025")),
    "cut_begins": ("cut_begins", ("UNESCO 2011", "WHO 2025", "UN 2025", "UNICEF 2025", "UNAIDS 2025", "OCHA 2025")),
}
"""Name -> how the quantity begins, and the episodes that are averaged."""


@cache
def seen() -> tuple[tuple[Observation, ...], tuple[tuple[Wanted, ...], ...]]:
    """Return the seen observations that some pool holds, and what is to be run for them."""
    rows = [row for path in KNOWN for row in observations(path) if row.seen == "yes"]
    used = tuple(row for row in rows if any(_in(row, *pool) for pool in POOLS.values()))
    return used, tuple(grouped(used))


def _in(row: Observation, quantity: str, episodes: tuple[str, ...]) -> bool:
    """Return whether an observation is in a pool."""
    return row.episode in episodes and row.quantity.startswith(quantity)


def pooled(values: Mapping[str, Any], number: int) -> dict[str, float]:
    """Return the mean of each pool in one replicate at a point, NaN where no run tells it."""
    rows, groups = seen()
    overrides = ["ensemble=off", *(f"{path}={value}" for path, value in values.items())]
    told = {key: value for group in groups for key, value in observe(group, number, overrides).items()}
    found = {}
    for name, pool in POOLS.items():
        numbers = [told[row.scenario, row.organization, row.quantity] for row in rows if _in(row, *pool)]
        known = [value for value in numbers if not isinstance(value, str)]
        found[name] = float(np.mean(known)) if known else float("nan")
    return found

"""Quarters as integers: `year * 4 + quarter - 1`, so that 2025Q1 is 8100 and the next quarter is one more."""

import re

import numpy as np
from numpy.typing import NDArray

_PATTERN = re.compile(r"(\d{4})Q([1-4])")


def parse_quarter(text: str) -> int:
    """Return the index of a quarter such as "2026Q1".

    Raises ValueError when the text is not a year, the letter Q and a digit from 1 to 4.
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a quarter; write it like 2026Q1")
    return int(match[1]) * 4 + int(match[2]) - 1


def format_quarter(index: int) -> str:
    """Return the name of a quarter, such as "2026Q1", from its index."""
    return f"{index // 4:04d}Q{index % 4 + 1}"


def per_quarter[Probability: (float, NDArray[np.float64])](annual: Probability) -> Probability:
    """Return probabilities per quarter from probabilities per year, with all quarters alike."""
    return 1 - (1 - annual) ** 0.25

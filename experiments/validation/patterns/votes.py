"""Patterns of votes: 14 and 16."""

from abm.state.world import Array
from experiments.validation.pattern_verdicts import Pattern, within


def _means(sums: Array) -> Array:
    """Return means over replicates; the last column counts them."""
    return sums[..., :-1] / sums[..., -1:]


VOTE_PATTERNS = (
    Pattern(
        14, "Swing of voting agreement with a government", ".1-.2 at a change of administration", (0.1, 0.2),
        "specify", "validate", "turn",
        ("change of mean agreement with the United States in a year",),
        lambda reading: [reading["swing"], 1.0], _means,
        "the built-in world; another party governs the United States from 2026 on, against the same world without",
        "the value lies in the band", within(0.1, 0.2),
    ),
    Pattern(
        16, "Votes lost for arrears", "two full years' dues; 6-8 states in a typical year", (6, 8),
        "verify", "verify", "arrears",
        ("states without a vote in the Assembly, mean over years", "votes lost or kept against the rule, a run",
         "quarters by which the loss of vote of a member that stops paying is too late"),
        lambda reading: [reading["votes_lost"], reading["wrong"], reading["late"], 1.0], _means,
        "the built-in world, twelve years without a shock; and a member that pays nothing from 2025 on",
        "the value lies in the band and the rule is kept without exception",
        lambda estimate, _: bool(6 <= estimate.point[0] <= 8 and not estimate.point[1:].any()),
    ),
)  # fmt: skip

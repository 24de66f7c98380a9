"""The sixteen patterns in order, and the trials that they rest on."""

from typing import NamedTuple

from experiments.validation.model_trials.cuts import cuts, poor, twice
from experiments.validation.model_trials.deaths_after_exit import deaths
from experiments.validation.model_trials.followers import exits
from experiments.validation.model_trials.votes import arrears, turn
from experiments.validation.pattern_verdicts import Pattern
from experiments.validation.patterns.exits import EXIT_PATTERNS
from experiments.validation.patterns.funding import MONEY_PATTERNS
from experiments.validation.patterns.organizations import BODY_PATTERNS
from experiments.validation.patterns.votes import VOTE_PATTERNS
from experiments.validation.readings import Trial, population

_ALL = (*EXIT_PATTERNS, *BODY_PATTERNS, *MONEY_PATTERNS, *VOTE_PATTERNS)
PATTERNS: tuple[Pattern, ...] = tuple(sorted(_ALL, key=lambda pattern: pattern.id))
FULL_REPLICATES = 192
"""Three of each row of the ensemble."""


class Plan(NamedTuple):
    """A trial and its number of replicates in a quick run."""

    trial: Trial
    quick: int


TRIALS = {
    "population": Plan(population, 12),
    "deaths": Plan(deaths, 16),
    "exits": Plan(exits, 60),
    "cuts": Plan(cuts, 12),
    "poor": Plan(poor, 8),
    "twice": Plan(twice, 16),
    "arrears": Plan(arrears, 12),
    "turn": Plan(turn, 4),
}
"""The longest first."""

"""What a claim is: a hypothesis that is put to the test by a number, a threshold and runs that could say otherwise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from abm.comparison import Comparison
from abm.config.experiment import Experiment
from abm.config.reader import load_experiment

QUARTERS = 40
"""Length of a run for claims unless a case says otherwise: ten years, 2025 to 2034."""
POINT = 0.01
"""One point in a hundred of the level at rest: the smallest change of a relative quantity that counts as one."""

Overrides = Mapping[str, Any]
Measure = Callable[[Mapping[str, Comparison]], float]


@dataclass(frozen=True)
class Case:
    """A scenario that a claim is tried on: a shipped name, values at paths, and the length in quarters.

    Overrides of shocks do not reach a `fixed` case.
    """

    scenario: str
    values: Overrides = field(default_factory=dict)
    quarters: int = QUARTERS
    fixed: bool = False

    def experiment(self, overrides: Overrides) -> Experiment:
        """Return the experiment with further values; those of the case itself win."""
        reaching = {path: value for path, value in overrides.items() if not (self.fixed and path.startswith("shocks."))}
        return load_experiment(self.scenario).with_values({"quarters": self.quarters, **reaching, **self.values})


@dataclass(frozen=True)
class Claim:
    """One claim, with all that decides its verdict; it holds in a replicate where `value` reaches `threshold`.

    `cases` names the runs, each with its twin; `value` turns them into one number per replicate. `rule` switches off
    the one rule that would make the claim true by itself; `reversed` gives that rule the other sign where it has one.
    `switched_on` turns on, at the default point, a mechanism that is off by default.
    """

    id: str
    title: str
    title_zh: str
    sources: str
    mechanism: str
    measure: str
    threshold: float
    why: str
    refuted_by: str
    cases: Mapping[str, Case]
    value: Measure
    rule: Overrides
    rule_text: str
    reversed: Overrides | None = None
    switched_on: Overrides = field(default_factory=dict)

    @property
    def scenario(self) -> str:
        """Return the scenario that shows the claim."""
        return next(iter(self.cases.values())).scenario

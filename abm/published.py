"""Published figures that the model is stated in: facts of their sources, kept here once.

Parameters that can be varied start from them. Rules, drawn worlds and tests that mean the published sample itself read
them here.
"""

from typing import NamedTuple


class Estimate(NamedTuple):
    """A published coefficient and its standard error."""

    value: float
    error: float

    @property
    def relative_error(self) -> float:
        """Return the standard error as a part of the coefficient."""
        return self.error / abs(self.value)


EXIT_RATE = 0.0004
"""Exits a membership and year. This and all up to `MEAN_LOG_SIZE` are of von Borzyskowski and Vabulas 2019."""
EXIT_INTERCEPT = -6.43
"""Log-odds of exit in a year; derived, so that the mean rate is the published one."""
EXIT_DISTANCE = Estimate(0.95, 0.153)
"""Log-odds per ideal point between a state and those who take part."""
EXIT_CONTAGION = Estimate(3.348, 0.4)
"""Log-odds in the year after a lead state left."""
EXIT_SIZE = Estimate(-0.606, 0.192)
"""Log-odds per unit of log members."""
MEAN_DISTANCE = 0.62
"""Mean distance of the sample, ideal points."""
MEDIAN_MEMBERS = 20
"""Members of the median organization."""
MEAN_LOG_SIZE = 3.0
"""Log members for which the intercept is derived: those of the median organization, to one digit."""

ORGANIZATIONS_ALIVE = {1950: 95, 1970: 195, 1995: 339, 2014: 334}
"""Intergovernmental organizations by year (computed from Correlates of War IGO data 3.0, Pevehouse et al. 2020)."""
FIRST_YEAR = 1816
"""The first year that these data cover."""
ORGANIZATION_DEATHS = 0.0098
"""Deaths of a living organization a year: 155 over 15,861 in the same data."""

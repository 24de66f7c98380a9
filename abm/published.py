"""Published figures that the model rests on, each with its source, kept in one place.

They are the defaults of parameters that can be varied. Rules, drawn worlds and tests that refer to the published sample
itself read them here.
"""

from typing import NamedTuple


class Coefficient(NamedTuple):
    """A published coefficient and its standard error."""

    value: float
    error: float

    @property
    def relative_error(self) -> float:
        """Return the standard error as a share of the coefficient."""
        return self.error / abs(self.value)


class ExitModel(NamedTuple):
    """The geopolitics model of von Borzyskowski and Vabulas 2019, a logit of exits per membership and year.

    `rate` is the sample mean, and `intercept` is derived so that it is the mean rate. `distance` is per ideal point
    between a state and those that take part, `contagion` is for the year after a lead state left, `size` is per unit of
    log members. `performance` and `performance_beside` are per unit of performance, each from a model of its own.
    """

    rate: float = 0.0004
    intercept: float = -6.43
    distance: Coefficient = Coefficient(0.95, 0.153)
    contagion: Coefficient = Coefficient(3.348, 0.4)
    size: Coefficient = Coefficient(-0.606, 0.192)
    performance: Coefficient = Coefficient(-2.35, 0.53)
    performance_beside: Coefficient = Coefficient(-3.78, 1.08)


EXIT_MODEL = ExitModel()
MEAN_DISTANCE = 0.62
"""Mean distance in its sample, ideal points."""
MEDIAN_MEMBERS = 20
"""Members of the median organization."""
MEAN_LOG_SIZE = 3.0
"""Log members for which the intercept is derived: that of the median organization, to one digit."""
ORGANIZATIONS_ALIVE = {1950: 95, 1970: 195, 1995: 339, 2014: 334}
"""Intergovernmental organizations by year (computed from Correlates of War IGO data 3.0, Pevehouse et al. 2020)."""
FIRST_YEAR = 1816
"""The first year that these data cover."""
ORGANIZATION_DEATHS = 0.0098
"""Deaths per living organization and year: 155 in 15,861 in the same data."""

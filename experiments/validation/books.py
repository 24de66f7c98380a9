"""The books of one body in one run: money by donor, means and work, and what happens to it, quarter by quarter."""

from collections.abc import Sequence

import numpy as np

from abm.calendar import parse_quarter
from abm.experiment import Experiment
from abm.simulation import Record, Simulation
from abm.state import Event
from experiments.validation.readings import SEED

SERIES = ("income", "budget", "staff", "effectiveness")


class Books:
    """Quarterly books of one body.

    `flows` (quarter, donor), USD per quarter, private money last; `leavers` (donor,) is 1 for the actors of shocks;
    `series` by name (quarter,); `events` pairs quarter and event; `first_act` is the quarter of the first act on it.
    """

    def __init__(
        self,
        experiment: Experiment,
        number: int,
        body: str,
        target: Experiment,
        reserves: float = 1.0,
        stop: int | None = None,
    ) -> None:
        """Run the experiment and keep the books.

        `reserves` scales what the body has saved at the start; the run ends `stop` quarters after the first act.
        """
        simulation = Simulation(experiment, (SEED, number), target=target)
        world = simulation.world
        self.column = column = world.organization_codes.index(body)
        self.codes = world.state_codes
        world.reserves = world.reserves * np.where(np.arange(len(world.reserves)) == column, reserves, 1.0)
        self.leavers = np.append(simulation.actors, 0.0)
        self.yearly_budget = 4 * float(world.rest_budget[column])
        self.first_act = simulation.first_exits.get(body, parse_quarter(experiment.world.start))
        last = None if stop is None else self.first_act + stop
        self.events: list[tuple[int, Event]] = []
        flows, rows = [], []
        while not simulation.finished and (last is None or world.quarter <= last):
            simulation.record = Record()
            simulation.step()
            self.events += [pair for pair in simulation.record.events if pair[1].organization == column]
            flows.append(np.append(world.money[:, column], world.private_income[column]))
            rows.append([getattr(world, name)[column] for name in SERIES])
        self.flows = np.array(flows)
        self.series = dict(zip(SERIES, np.array(rows, float).T, strict=True))

    @property
    def died(self) -> bool:
        """Whether the body came to an end in the run."""
        return any(event.kind in ("death", "replaced") for _, event in self.events)

    def _leaver(self, event: Event) -> bool:
        """Return whether an event's actor is one of the leavers."""
        return event.actor >= 0 and self.leavers[event.actor] > 0

    def followers(self, window: int) -> set[str]:
        """Return the codes of other states that announce their exit within `window` quarters of the first act."""
        said = [(quarter, event) for quarter, event in self.events if event.kind == "announce"]
        return {self.codes[e.actor] for q, e in said if not self._leaver(e) and 0 <= q - self.first_act <= window}

    def back(self, window: int) -> float:
        """Return 1 where a leaver is back within `window` quarters of the effect, else 0; NaN where none left."""
        left = self._first(("exit", "participation_stopped"))
        if left is None:
            return float("nan")
        back = self._first(("return", "participation_resumed"), left)
        return float(back is not None and back - left <= window)

    def _first(self, kinds: Sequence[str], since: int = -1) -> int | None:
        """Return the quarter of the leavers' first event of some kinds."""
        return next((q for q, e in self.events if e.kind in kinds and self._leaver(e) and q >= since), None)

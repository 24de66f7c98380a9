"""The books of one body in one run: money by donor, means and work, and what happens to it, quarter by quarter."""

from collections.abc import Sequence

import numpy as np

from abm.calendar import parse_quarter
from abm.config.experiment import Experiment
from abm.events import Event
from abm.simulation import Record, Simulation
from experiments.validation.readings import SEED

SERIES = ("income", "budget", "staff", "effectiveness")


class Books:
    """Quarterly books of one body.

    `flows` (quarter, donor), USD per quarter, private money last; `leavers` (donor,) is 1 for the actors of shocks;
    `series` by name (quarter,); `events` pairs quarter and event; `first_act` is the quarter of the first act on it,
    `start` and `end` are the first and the last quarter of the run.
    """

    def __init__(
        self, experiment: Experiment, number: int, body: str, target: Experiment, reserves: float = 1.0
    ) -> None:
        """Run the experiment and keep the books; `reserves` scales what the body has saved at the start."""
        simulation = Simulation(experiment, (SEED, number), target=target)
        world = simulation.world
        self.column = column = world.organization_codes.index(body)
        self.codes = world.state_codes
        world.reserves = world.reserves * np.where(np.arange(len(world.reserves)) == column, reserves, 1.0)
        self.leavers = np.append(simulation.actors, 0.0)
        self.yearly_budget = 4 * float(world.rest_budget[column])
        self.first_act = simulation.first_exits.get(body, parse_quarter(experiment.world.start))
        self.start = world.quarter
        self.events: list[tuple[int, Event]] = []
        flows, rows = [], []
        while not simulation.finished:
            simulation.record = Record()
            simulation.step()
            self.events += [pair for pair in simulation.record.events if pair[1].organization == column]
            flows.append(np.append(world.money[:, column], world.private_income[column]))
            rows.append([getattr(world, name)[column] for name in SERIES])
        self.end = world.quarter - 1
        self.flows = np.array(flows)
        self.series = dict(zip(SERIES, np.array(rows, float).T, strict=True))

    @property
    def died(self) -> bool:
        """Whether the body came to an end in the run."""
        return self.died_by(self.end)

    def died_by(self, quarter: int) -> bool:
        """Return whether the body has come to an end by a quarter."""
        return any(event.kind in ("death", "replaced") and when <= quarter for when, event in self.events)

    def acted(self, twin: "Books") -> bool:
        """Return whether the leavers did something to the body that they do not do in the twin."""
        own = set(self.events) - set(twin.events)
        return any(self._leaver(event) and event.kind != "no_effect" for _, event in own)

    @property
    def notice_runs(self) -> bool:
        """Whether the run ends before an exit that a leaver has announced takes effect."""
        kinds = [e.kind for _, e in self.events if self._leaver(e) and e.kind in ("announce", "exit", "return")]
        return kinds[-1:] == ["announce"]

    def _leaver(self, event: Event) -> bool:
        """Return whether an event's actor is one of the leavers."""
        return event.actor >= 0 and self.leavers[event.actor] > 0

    def followers(self, window: int) -> set[str]:
        """Return the codes of other states that announce their exit within `window` quarters of the first act."""
        said = [(quarter, event) for quarter, event in self.events if event.kind == "announce"]
        return {self.codes[e.actor] for q, e in said if not self._leaver(e) and 0 <= q - self.first_act <= window}

    @property
    def left(self) -> int | None:
        """The quarter in which a leaver's exit first takes effect or its participation stops, None for never."""
        return self._first(("exit", "participation_stopped"))

    def back(self, window: int) -> bool:
        """Return whether a leaver is back within `window` quarters of the effect; False where none left."""
        if self.left is None:
            return False
        back = self._first(("return", "participation_resumed"), self.left)
        return back is not None and back - self.left <= window

    def _first(self, kinds: Sequence[str], since: int = -1) -> int | None:
        """Return the quarter of the leavers' first event of some kinds."""
        return next((q for q, e in self.events if e.kind in kinds and self._leaver(e) and q >= since), None)

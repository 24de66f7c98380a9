"""The contract of a process: its name, its parameters, the fields it writes, and one pure function.

A process never changes the world. It proposes new arrays for the fields it declares in `writes`; `abm.schedule` checks
and commits them before the next process runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from abm.events import Event, EventKind
from abm.parameters import Parameters
from abm.rng import Draws
from abm.state.world import Array, World


@dataclass
class Proposal:
    """What a process wants: new values of whole fields, events for the story, and organizations to found."""

    fields: dict[str, Array] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    founded: list[Mapping[str, Any]] = field(default_factory=list)


class Process:
    """One rule of the model. Subclasses set the class attributes and override `propose`.

    `name` is the key of its parameters in a config, and of its random stream unless `stream` names another; `writes`
    names fields of the world, and `event_kinds` declares kinds of events that `EVENTS` does not have. What a process
    reads is recorded rather than declared: `tests/recorded_reads.py`, and a table of the ODD.
    """

    name: ClassVar[str]
    stream: ClassVar[str] = ""
    parameters: ClassVar[type[Parameters]] = Parameters
    writes: ClassVar[tuple[str, ...]] = ()
    event_kinds: ClassVar[tuple[EventKind, ...]] = ()

    def propose(self, world: World, p: Any, draws: Draws) -> Proposal:
        """Return the changes of one quarter; `p` is an instance of `parameters`. Must not change `world`."""
        raise NotImplementedError

"""The contract of a process: its names, its parameters, what it reads and writes, and one pure function.

A process never changes the world. It proposes new arrays for the fields it declares in `writes`; the phase in which
it stands checks and commits them. Two processes of one phase never write the same field.
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

    `name` is the key of its parameters in a config and the name of its random stream; `phase` the phase in which it
    stands; `reads` and `writes` name fields of the world; `event_kinds` declare events that `EVENTS` does not have.
    """

    name: ClassVar[str]
    phase: ClassVar[str]
    parameters: ClassVar[type[Parameters]] = Parameters
    reads: ClassVar[tuple[str, ...]] = ()
    writes: ClassVar[tuple[str, ...]] = ()
    event_kinds: ClassVar[tuple[EventKind, ...]] = ()

    def propose(self, world: World, values: Any, draws: Draws) -> Proposal:
        """Return the changes of one quarter; `values` is an instance of `parameters`. Must not change `world`."""
        raise NotImplementedError

"""A finished run as compact bytes: what the browser needs to play it without asking the server again.

The bytes are one zlib stream of: the length of the header (4 bytes, little-endian), the header (JSON), and the blocks
that the header lists. Numbers are whole steps above a lowest value (0 stands for NaN), as differences from quarter to
quarter, low bytes before high bytes, since these compress well.
"""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from abm.config.experiment import Experiment
from abm.events import EVENTS, Event, as_json, from_json
from abm.measures import Snapshot, names
from abm.recording import FieldValues, Recording, recordings
from abm.simulation import Simulation
from abm.state.world import Array
from viz.static_data import facts_of

Bytes = NDArray[np.uint8]
Codes = NDArray[np.uint16]
NOTHING = 65_535
"""Stands for no state, no organization, no detail."""


class Scale(NamedTuple):
    """How a number is rounded: to whole `step`s, of its decimal logarithm (one added before) where `is_log`."""

    step: float
    is_log: bool = False


STATE_SCALES = {
    "agenda_share": Scale(2e-5),
    "trust_in_actor": Scale(1e-3),
    "agreement_with_actor": Scale(1e-3),
    "memberships": Scale(1.0),
    "mean_legitimacy": Scale(2e-3),
    "credibility": Scale(2e-3),
    "sovereigntism": Scale(1e-2),
    "given": Scale(2e-3, is_log=True),
}
"""Measures of states on the wire; `given` is what a state gives to all organizations in a year, USD."""
BODY_SCALES = {
    "budget": Scale(2e-3),
    "staff": Scale(2e-3),
    "effectiveness": Scale(1e-3),
    "legitimacy": Scale(1e-3),
    "members": Scale(1.0),
    "actor_agenda_share": Scale(2e-3),
}
"""Measures of organizations on the wire."""
SERIES = (
    "shocked.effectiveness", "shocked.budget", "shocked.legitimacy", "shocked.commitment", "mean_trust_in_actor",
    "mean_agreement_with_actor", "actor_agenda_share", "actor_wins", "actor_saving", "exits", "members", "clubs",
    "bodies_alive", "total_income", "effectiveness", "legitimacy", "trust_gap", "global_provision",
)  # fmt: skip
"""Measures of the whole on the wire, in the order in which they are shown.

Those of shocked organizations only with shocks.
"""
TAKES_PART, LEAVING, AWAY, LEFT = 1, 2, 3, 4
"""What a state is to an organization: 0 nothing, a member, one with a notice running, one that stays away, gone."""
LIVES, SLEEPS, ENDED = 1, 2, 3
"""What an organization is: 0 not founded yet, alive, alive with hardly any activity, at its end."""


@dataclass(frozen=True)
class Recorded:
    """A recording laid out for the page. Organizations are those of the start and then every one founded, by code.

    `series` (quarter, measure) holds all measures of the whole. `states` (quarter, measure, state) and `bodies`
    (quarter, measure, organization) hold those of STATE_SCALES and BODY_SCALES, NaN where there is nothing. `ties`
    (quarter + 1, state, organization) is what a state is to an organization, before the first quarter and after each.
    `life` (quarter, organization) is what an organization is, and `leaders` (quarter, organization) the row of its
    leading state, -1 for none. `events` hold the quarter (0 the first), kind, rows of actor and organization, details
    as JSON.
    """

    number: int
    twin: bool
    start: int
    measures: tuple[str, ...]
    series: Array
    states: Array
    bodies: Array
    ties: Bytes
    life: Bytes
    leaders: NDArray[np.int64]
    events: tuple[tuple[int, str, int, int, str], ...]
    facts: Mapping[str, Any]

    @property
    def quarters(self) -> int:
        """How many quarters were run."""
        return len(self.series)


def record(experiment: Experiment, number: int = 0, twin: bool = False) -> Recorded:
    """Run one replicate of an experiment, or its twin without shocks, and return it laid out for the page."""
    with threadpool_limits(limits=1):  # products split over threads would round otherwise
        *_, whole = quarters(simulation_of(experiment, number, twin), twin)
    return lay_out(whole, number)


def simulation_of(experiment: Experiment, number: int, twin: bool) -> Simulation:
    """Return one replicate of an experiment, or its twin, before its first quarter."""
    chosen = experiment.twin() if twin else experiment
    return Simulation(chosen, (experiment.seed, number), target=experiment)


def quarters(simulation: Simulation, twin: bool) -> Iterator[Recording]:
    """Run a simulation; yield after each quarter what it has left so far, with the ties of states to organizations."""
    yield from recordings(simulation, FieldValues({"ties": _ties}, start=True), is_twin=twin)


def _ties(snapshot: Snapshot) -> Bytes:
    """Return what states are to organizations now; shape (state, organization)."""
    world = snapshot.world
    ties = np.where((world.member == 0) & (world.party_at_exit != 0), LEFT, 0)
    ties = np.where(world.member > 0, TAKES_PART, ties)
    ties = np.where((world.member > 0) & (world.notice >= 0), LEAVING, ties)
    ties = np.where((world.member > 0) & (world.participation == 0), AWAY, ties)
    return np.asarray(ties * world.alive, np.uint8)


def lay_out(recording: Recording, number: int) -> Recorded:
    """Return a recording by code of organization instead of row; `number` is that of the replicate."""
    kept, world, ties = recording.series, recording.world, recording.fields["ties"]
    codes = tuple(dict.fromkeys(code for row in kept.codes for code in row if code))
    rows = [_rows(row, codes) for row in kept.codes]
    life = np.array([_life(recording, place, found) for place, found in enumerate(rows)])
    life = np.where((life == 0) & (np.maximum.accumulate(life, axis=0) > 0), ENDED, life).astype(np.uint8)
    leaders = np.array([_placed(row, found, -1) for row, found in zip(kept.leaders, rows, strict=True)], np.int64)
    return Recorded(
        number=number,
        twin=recording.is_twin,
        start=world.start,
        measures=tuple(recording.measures),
        series=np.array([*recording.measures.values()]).T,
        states=_states(kept.states),
        bodies=_bodies(kept.bodies, rows, life),
        ties=np.array([_placed(row, found, 0) for row, found in zip(ties, [rows[0], *rows], strict=True)], np.uint8),
        life=life,
        leaders=np.where((life == LIVES) | (life == SLEEPS), leaders, -1),
        events=tuple(_event(place, event, codes) for place, event in recording.events_of()),
        facts=facts_of(recording.simulation, codes),
    )


def _rows(codes: Sequence[str], wanted: Sequence[str]) -> NDArray[np.int64]:
    """Return the row of each wanted code in one quarter, -1 where it has none; shape (organization,)."""
    place = {code: row for row, code in enumerate(codes)}
    return np.array([place.get(code, -1) for code in wanted], np.int64)


def _placed(values: NDArray[Any], rows: NDArray[np.int64], blank: float) -> NDArray[Any]:
    """Return values by wanted code along the last axis, `blank` where there is no row (yet)."""
    there = (rows >= 0) & (rows < values.shape[-1])
    return np.where(there, values[..., np.where(there, rows, 0)], blank)


def _states(recorded: Sequence[Array]) -> Array:
    """Return the measures of states on the wire; shape (quarter, measure, state)."""
    values, order = np.array(recorded), names("state")
    paid = values[:, [order.index("dues_paid"), order.index("gifts")]].sum(axis=1)  # (quarter, state)
    since = np.maximum(np.arange(len(paid)) - 3, 0)
    total = np.concatenate([np.zeros((1, paid.shape[1])), paid.cumsum(axis=0)])
    width = np.arange(len(paid)) + 1 - since
    given = 4 * (total[1:] - total[since]) / width[:, None]  # mean of the last four quarters, as a year
    columns = [given if name == "given" else values[:, order.index(name)] for name in STATE_SCALES]
    return np.stack(columns, axis=1)


def _bodies(recorded: Sequence[Array], rows: Sequence[NDArray[np.int64]], life: Bytes) -> Array:
    """Return the measures of organizations on the wire; shape (quarter, measure, organization)."""
    order = [names("body").index(name) for name in BODY_SCALES]
    values = np.array([_placed(row[order], found, np.nan) for row, found in zip(recorded, rows, strict=True)])
    return np.where(((life == LIVES) | (life == SLEEPS))[:, None], values, np.nan)


def _life(recording: Recording, place: int, rows: NDArray[np.int64]) -> Bytes:
    """Return what organizations are in one quarter, 0 for those that are not there; shape (organization,)."""
    asleep = np.nan_to_num(recording.series.bodies[place][names("body").index("zombie")])
    alive = recording.series.alive[place]
    return _placed(np.where(alive > 0, np.where(asleep > 0, SLEEPS, LIVES), 0), rows, 0).astype(np.uint8)


def _event(place: int, event: Event, codes: Sequence[str]) -> tuple[int, str, int, int, str]:
    """Return an event by quarter from the first one and organization's place."""
    body = codes.index(event.code) if event.code in codes else -1
    return place, event.kind, event.actor, body, as_json(event.details)


class Block(NamedTuple):
    """Codes on the wire under a name; a code is 1 + (value - low) / step, 0 for NaN, or the number itself at step 0.

    `runs_on` says that differences along the first axis are sent.
    """

    name: str
    codes: Codes
    low: float = 0.0
    scale: Scale = Scale(0.0)
    runs_on: bool = False


def pack(run: Recorded) -> bytes:
    """Return a run as bytes for the page; `unpack` says what is in them."""
    kinds = list(dict.fromkeys(event[1] for event in run.events))
    details = list(dict.fromkeys(event[4] for event in run.events if event[4]))
    blocks = [
        *field_blocks("state", STATE_SCALES, run.states),
        *field_blocks("body", BODY_SCALES, run.bodies),
        _whole("life", run.life, runs_on=True),
        _whole("leader", run.leaders + 1, runs_on=True),
        _whole("first_ties", run.ties[0]),
        _whole("tie_changes", _changes(run.ties)),
        _whole("events", _event_codes(run, kinds, details)),
    ]
    header = {
        "number": run.number, "twin": run.twin, "start": run.start, "quarters": run.quarters, **run.facts,
        "event_kinds": [_kind(name) for name in kinds], "details": [from_json(text) for text in details],
    }  # fmt: skip
    return _joined(header, blocks, measures_shown(run), _series_values(run)[None])


def pack_series(run: Recorded, twin: Recorded | None = None) -> bytes:
    """Return the measures of the whole of a further replicate, and of its twin, for the band."""
    values = np.stack([_series_values(one) for one in (run, twin) if one is not None])
    return _joined({"number": run.number, "quarters": run.quarters}, [], measures_shown(run), values)


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the header and the numbers of packed bytes by name; NaN where there is nothing.

    `state.<measure>` (quarter, state) and `body.<measure>` (quarter, organization) are floats, `series` (run, quarter,
    measure) is of single precision, run first and then its twin. Whole numbers: `life` and `leader` (quarter,
    organization), the latter plus one; `first_ties` (state, organization); `tie_changes` (4, change: quarter, state,
    organization, tie); `events` (5, event: quarter, kind, actor, organization, detail), NOTHING for none.
    """
    raw = zlib.decompress(data)
    length = int.from_bytes(raw[:4], "little")
    header: dict[str, Any] = json.loads(raw[4 : 4 + length])
    place, found = 4 + length, {}
    for block in header["blocks"]:
        size = int(np.prod(block["shape"], dtype=int))
        found[block["name"]] = decode_block(raw[place : place + 2 * size], block)
        place += 2 * size
    shape = (-1, header["quarters"], len(header["measures"]))
    found["series"] = np.frombuffer(raw[place:], "<f4").reshape(shape)
    return header, found


def measures_shown(run: Recorded) -> tuple[str, ...]:
    """Return the measures of the whole that go on the wire."""
    return tuple(name for name in SERIES if name in run.measures)


def field_blocks(kind: str, scales: Mapping[str, Scale], values: Array) -> Iterator[Block]:
    """Yield measures, shape (quarter, measure, item), as blocks."""
    for place, (name, scale) in enumerate(scales.items()):
        found = values[:, place]
        if scale.is_log:
            found = np.log10(1 + np.maximum(found, 0))
        low = float(np.floor(np.nanmin(found) / scale.step) * scale.step) if np.isfinite(found).any() else 0.0
        codes = np.where(np.isnan(found), 0, 1 + np.rint((np.nan_to_num(found) - low) / scale.step))
        yield Block(f"{kind}.{name}", np.clip(codes, 0, NOTHING).astype(np.uint16), low, scale, runs_on=True)


def _whole(name: str, values: NDArray[Any], runs_on: bool = False) -> Block:
    """Return whole numbers as a block."""
    return Block(name, values.astype(np.uint16), runs_on=runs_on)


def _changes(ties: Bytes) -> NDArray[np.int64]:
    """Return quarter, state, organization and new tie of every change; shape (4, change)."""
    places = np.nonzero(ties[1:] != ties[:-1])
    return np.array([*places, ties[1:][places]], np.int64)


def _event_codes(run: Recorded, kinds: Sequence[str], details: Sequence[str]) -> NDArray[np.int64]:
    """Return quarter, kind, actor, organization and detail of every event; shape (5, event)."""
    known = {text: place for place, text in enumerate(details)}
    rows = [
        (quarter, kinds.index(kind), actor, body, known.get(detail, -1))
        for quarter, kind, actor, body, detail in run.events
    ]
    codes = np.array(rows, np.int64).reshape(-1, 5).T
    return np.where(codes < 0, NOTHING, codes)


def _kind(name: str) -> dict[str, Any]:
    """Return what the page needs of a kind of event."""
    kind = EVENTS[name]
    return {"name": name, "sentence": kind.sentence, "theme": kind.theme, "routine": kind.routine, "told": kind.told}


def _series_values(run: Recorded) -> Array:
    """Return the measures of the whole on the wire; shape (quarter, measure)."""
    return run.series[:, [run.measures.index(name) for name in measures_shown(run)]]


def _joined(header: Mapping[str, Any], blocks: Sequence[Block], measures: Sequence[str], series: Array) -> bytes:
    """Return header, blocks and series as one compressed stream."""
    listed = [
        {
            "name": block.name, "shape": list(block.codes.shape), "low": block.low, "step": block.scale.step,
            "log": block.scale.is_log, "runs_on": block.runs_on,
        }
        for block in blocks
    ]  # fmt: skip
    text = json.dumps({**header, "measures": list(measures), "blocks": listed}, ensure_ascii=False).encode()
    parts = [len(text).to_bytes(4, "little"), text, *(byte_planes(block) for block in blocks)]
    return zlib.compress(b"".join([*parts, series.astype("<f4").tobytes()]), 6)


def byte_planes(block: Block) -> bytes:
    """Return the low bytes of a block's codes and then the high bytes."""
    codes = block.codes
    if block.runs_on:
        codes = np.concatenate([codes[:1], codes[1:] - codes[:-1]])  # differences wrap around like the codes
    return (codes & 255).astype(np.uint8).tobytes() + (codes >> 8).astype(np.uint8).tobytes()


def decode_block(raw: bytes, block: Mapping[str, Any]) -> NDArray[Any]:
    """Return the numbers of one block."""
    low_bytes, high_bytes = np.frombuffer(raw, np.uint8).reshape(2, *block["shape"]).astype(np.uint16)
    codes = low_bytes + (high_bytes << 8)
    if block["runs_on"]:
        codes = np.cumsum(codes, axis=0, dtype=np.uint16)
    if not block["step"]:
        return codes.astype(np.int64)
    values = np.where(codes == 0, np.nan, block["low"] + (codes.astype(float) - 1) * block["step"])
    return 10**values - 1 if block["log"] else values

"""One rule written as loops: how views of organizations move in a quarter, state by state, in plain Python.

What a modeler would write first; `abm bench` runs it beside the arrays of `abm.processes.legitimacy`, on the same
world, and gives the ratio of their times. The two agree (a test holds it).
"""

from collections.abc import Iterator
from math import exp, hypot, log
from typing import Any

from abm.processes.legitimacy import LegitimacyParameters
from abm.state.world import World

FIELDS = (
    "trust", "exited", "rhetoric", "agenda_share", "expert_share", "credibility", "blame", "legitimacy", "member",
    "reliance", "members", "position", "organization_position", "effectiveness", "performance_memory",
    "reference_members", "reformed", "reference_neutrality", "reference_distance", "distance", "in_scope", "session",
)  # fmt: skip


class Lists:
    """The fields of a world that views depend on, as lists of Python numbers: what agents in a loop would hold."""

    def __init__(self, world: World) -> None:
        self.quarter = world.quarter
        for name in FIELDS:
            setattr(self, name, getattr(world, name).tolist())

    def __getattr__(self, name: str) -> Any:
        """Say which field is missing (those there are found before this is asked)."""
        raise AttributeError(f"no field {name}")


def moved_views(held: Lists, values: LegitimacyParameters) -> list[list[float]]:
    """Return every state's view of every organization after the quarter, as `Legitimacy` moves it."""
    bodies, states = range(len(held.members)), range(len(held.trust))
    causes = [_cause(held, values, body) for body in bodies]
    voices = [_voices(held, values, body) for body in bodies]
    moved = [[_view(held, values, state, body, causes[body], voices[body]) for body in bodies] for state in states]
    for body in bodies:
        if held.session[body] == held.quarter % 4 and held.in_scope[body]:
            for state, step in enumerate(_peers(held, values, body)):
                moved[state][body] += step
    return moved


def _cause(held: Lists, values: LegitimacyParameters, body: int) -> float:
    """Return what moves all states' log views alike: performance, universality, reform, neutrality."""
    members = [state for state in range(len(held.trust)) if held.member[state][body]]
    count = max(held.members[body], 1e-9)
    centre = [sum(held.position[state][axis] for state in members) / count for axis in range(len(held.position[0]))]
    off = hypot(*(own - mean for own, mean in zip(held.organization_position[body], centre, strict=True)))
    sum_ = values.performance_weight * (held.effectiveness[body] - held.performance_memory[body])
    sum_ += values.universality_weight * log(max(held.members[body], 1) / max(held.reference_members[body], 1))
    sum_ += values.reform_weight * held.reformed[body]
    return sum_ - values.neutrality_weight * (off - held.reference_neutrality[body])


def _voices(held: Lists, values: LegitimacyParameters, body: int) -> list[tuple[int, float]]:
    """Return who left an organization or spoke against it this quarter, and how loudly."""
    found = []
    for state in range(len(held.trust)):
        loud = held.exited[state][body] + values.rhetoric_weight * held.rhetoric[state][body]
        if loud:
            influence = max(held.agenda_share[state][body], held.expert_share[state][body])
            found.append((state, loud * influence * held.credibility[state]))
    return found


def _view(
    held: Lists, values: LegitimacyParameters, state: int, body: int, cause: float, voices: list[tuple[int, float]]
) -> float:
    """Return a state's view of an organization, peers aside."""
    blame = (1 - values.blame_decay) * held.blame[state][body]
    for speaker, loud in voices:
        trust = held.trust[state][speaker]
        blame += values.blame_weight * loud * (trust if values.rivals == "rally" else (1 + trust) / 2)
    aim = values.fit_weight * (held.reference_distance[state][body] - held.distance[state][body])
    aim += cause * held.in_scope[body] - max(blame, 0.0)
    view = held.legitimacy[state][body]
    return view + values.rate * (exp(min(max(aim, -5.0), 1.3)) - view)


def _peers(held: Lists, values: LegitimacyParameters, body: int) -> Iterator[float]:
    """Yield how far each state's view moves to those of the members that it leans on."""
    speed = 1 - (1 - values.peer_rate) ** 4
    states = range(len(held.trust))
    for state in states:
        weight = total = 0.0
        for peer in states:
            if held.member[peer][body]:
                weight += held.reliance[state][peer]
                total += held.reliance[state][peer] * held.legitimacy[peer][body]
        yield speed * (total / weight - held.legitimacy[state][body]) if weight > 1e-9 else 0.0

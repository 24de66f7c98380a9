"""Groups of states and ties between them, as they are at a start."""

from functools import lru_cache

import numpy as np

from abm.data.table import number
from abm.data.world_tables import KEPT, Flags, Floats, Tables, fixed, members_at, rows_of


@lru_cache(maxsize=KEPT)
def in_group(tables: Tables, group: str, start: int) -> Flags:
    """Return who belongs to a group of states at a quarter, shape (states,).

    Those are the members of the organization that stands for the group in groups.csv. Where there is none, or its
    members are not known then, the group's column of states.csv decides, whatever the quarter.
    """
    stands_for = dict(zip(tables.groups["group"], tables.groups["organization"], strict=True))
    codes = list(tables.organizations["code"])
    code = stands_for.get(group, "")
    if code in codes:
        members = members_at(tables, start)[:, codes.index(code)]
        if members.any():
            return fixed(members.copy())
    return fixed(np.asarray(tables.states[group] == 1))


@lru_cache(maxsize=KEPT)
def ties_between(tables: Tables, start: int) -> Floats:
    """Return how strongly states are allied at a quarter, shape (states, states), 0..1, symmetric, diagonal 0.

    The strongest of the common groups' ties (groups.csv) and the pair's own (alliances.csv).
    """
    states = tables.states
    tie = np.zeros((len(states), len(states)))
    for group, strength in zip(tables.groups["group"], tables.groups["tie"], strict=True):
        inside = in_group(tables, group, start)
        tie = np.maximum(tie, strength * (inside[:, None] & inside[None, :]))
    a, b = (rows_of(tables.alliances[side], states) for side in ("state_a", "state_b"))
    np.maximum.at(tie, (a, b), number(tables.alliances, "tie"))
    tie = np.maximum(tie, tie.T)
    np.fill_diagonal(tie, 0.0)
    return fixed(tie)

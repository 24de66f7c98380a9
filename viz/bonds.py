"""The bonds of who acts in the first run: which organizations are left when, who follows, which clubs light up."""

from collections.abc import Mapping
from typing import Any

from abm.events import ONLY_WITH, occurrences
from viz.worker_runs import Finished

OUT = ("exit", "participation_stopped")
FOLLOWING = "announce"
FOUNDED = "founded"
VISIBLE = 0.01
"""Change of a budget below which a disc is not drawn smaller or larger."""


def bonds(finished: Mapping[tuple[int, str], Finished], last: int) -> dict[str, Any]:
    """Return the bonds up to a quarter, of the first run and its twin; nothing before both are there or nobody acts.

    `organizations` are those that shocks aim at: code, quarter in which who acts is out, and the budget by quarter as a
    share of the twin's (None where it has none or hardly differs). `follow` and `clubs` hold quarters of the exits that
    others announce and of the clubs that are founded, only with the shock.
    """
    run, twin = finished.get((0, "run")), finished.get((0, "twin"))
    if run is None or twin is None or run.run is None or twin.twin is None or not run.actors:
        return {}
    story, acting, shocked = run.run.story, set(run.actors), set(run.shocked)
    marks, _ = occurrences(story, twin.twin.story)
    new = [event for event, mark in zip(story, marks, strict=True) if mark == ONLY_WITH and event[0] <= last]
    out: dict[str, int] = {}
    for quarter, kind, actor, body in story:
        if kind in OUT and actor in acting and quarter <= last:
            out.setdefault(body, quarter)
    return {
        "organizations": [
            {"code": code, "out": out.get(code), "size": run.sizes[row], "share": _share(run, twin, row, last)}
            for row, code in enumerate(run.organizations)
            if code in shocked
        ],
        "follow": [
            [quarter, actor, body]
            for quarter, kind, actor, body in new
            if kind == FOLLOWING and actor not in acting and body in shocked
        ],
        "clubs": [quarter for quarter, kind, _, _ in new if kind == FOUNDED],
    }  # fmt: skip


def _share(run: Finished, twin: Finished, row: int, last: int) -> list[float] | None:
    """Return an organization's budget by quarter as a share of that in the twin, None where it hardly differs."""
    assert run.run is not None
    assert twin.twin is not None
    own, other = run.run.budgets[: last + 1, row], twin.twin.budgets[: last + 1, row]
    found = [float(one / two) if two > 0 else 1.0 for one, two in zip(own, other, strict=True)]
    return found if max(abs(one - 1) for one in found) > VISIBLE else None

"""7.4 distances."""

from typing import Any

from tests.transcription.reading import Luck, Outcome, Seen, distance, table


def distances(w: Seen, v: Any, luck: Luck) -> Outcome:
    return Outcome({"distance": table(w, lambda i, o: distance(w.position[i], w.organization_position[o]))})

"""7.2 politics."""

import math
from typing import Any

from tests.transcription.reading import Luck, Outcome, Seen, clip, distance, table


def politics(w: Seen, v: Any, luck: Luck) -> Outcome:
    lots = luck.states()
    elected, ordered = [], []
    for i in w.states:
        odds = v.turnover_probability / max(1e-12, 1 - v.turnover_probability)
        odds *= math.exp(v.mobilization_log_odds * w.mobilization[i])
        ordered.append(w.government_age[i] < 0)
        elected.append(w.next_election[i] <= w.quarter and not ordered[i] and lots[i] < odds / (1 + odds))
    changed = [i for i in w.states if elected[i] or ordered[i]]
    gdp = [w.gdp[i] * (1 + w.growth[i]) ** 0.25 if v.baseline == "moving" else w.gdp[i] for i in w.states]
    fields = {
        "next_election": [w.next_election[i] + w.term[i] * (w.next_election[i] <= w.quarter) for i in w.states],
        "government_age": [0 if i in changed else w.government_age[i] + 1 for i in w.states],
        "mobilization": [(1 - v.mobilization_decay) * w.mobilization[i] for i in w.states],
        "gdp": gdp,
        "capability": [gdp[i] / sum(gdp) for i in w.states],
    }
    if changed:
        fields |= turned(w, v, [-w.party[i] if elected[i] else w.party[i] for i in w.states])
    position = fields.get("position", w.position)
    fields["distance"] = table(w, lambda i, o: distance(position[i], w.organization_position[o]))
    return Outcome(fields, [("government", i, -1) for i in changed])


def turned(w: Seen, v: Any, party: list[float]) -> dict[str, Any]:
    """What the parties in office want: "if anyone is elected or ordered, for all states"."""
    centre = [sum(w.home_position[i][x] for i in w.states) / len(w.states) for x in w.axes]
    position = []
    for i in w.states:
        length = max(distance(w.home_position[i], centre), 1e-9)
        step = v.turn_size * w.swing[i] * (party[i] - w.first_party[i]) / 2
        position.append([w.home_position[i][x] + (w.home_position[i][x] - centre[x]) / length * step for x in w.axes])
    sovereigntism = [clip(w.rest_sovereigntism[i] + w.swing[i] * party[i] / 2, 0, 1) for i in w.states]
    return {"party": party, "sovereigntism": sovereigntism, "position": position}

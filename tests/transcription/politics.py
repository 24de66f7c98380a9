"""7.2 politics."""

import math
from typing import Any

from tests.transcription.reading import Luck, Outcome, Seen, clip, copied, distance, table


def politics(w: Seen, v: Any, luck: Luck) -> Outcome:
    lots = luck.states()
    elected, ordered = [], []
    for i in w.states:
        odds = v.turnover_probability / max(1e-12, 1 - v.turnover_probability)
        odds *= math.exp(v.mobilization_log_odds * w.mobilization[i])
        ordered.append(w.government_age[i] < 0)
        votes = w.next_election[i] <= w.quarter and w.swing[i] > v.contested_swing
        elected.append(votes and not ordered[i] and lots[i] < odds / (1 + odds))
    changed = [i for i in w.states if elected[i] or ordered[i]]
    gdp = [w.gdp[i] * (1 + w.growth[i]) ** 0.25 if v.baseline == "moving" else w.gdp[i] for i in w.states]
    fields: dict[str, Any] = {
        "next_election": [w.next_election[i] + w.term[i] * (w.next_election[i] <= w.quarter) for i in w.states],
        "government_age": [0 if i in changed else w.government_age[i] + 1 for i in w.states],
        "mobilization": [(1 - v.mobilization_decay) * w.mobilization[i] for i in w.states],
        "gdp": gdp,
        "capability": [gdp[i] / sum(gdp) for i in w.states],
    }
    fields["party"] = [-w.party[i] if elected[i] else w.party[i] for i in w.states]
    fields |= {"position": copied(w.position), "sovereigntism": copied(w.sovereigntism)}
    for i in changed:
        fields["position"][i], fields["sovereigntism"][i] = stance(w, v, i, fields["party"][i])
    fields["distance"] = table(w, lambda i, o: distance(fields["position"][i], w.organization_position[o]))
    return Outcome(fields, [("government", i, -1) for i in changed])


def stance(w: Seen, v: Any, i: int, party: float) -> tuple[list[float], float]:
    """What a new government of a state wants, and how sovereigntist it is."""
    centre = [sum(w.home_position[j][x] for j in w.states) / len(w.states) for x in w.axes]
    length = max(distance(w.home_position[i], centre), 1e-9)
    step = v.turn_size * w.swing[i] * (party - w.first_party[i]) / 2
    position = [w.home_position[i][x] + (w.home_position[i][x] - centre[x]) / length * step for x in w.axes]
    return position, clip(w.central_sovereigntism[i] + w.party_gap[i] * party / 2, 0, 1)

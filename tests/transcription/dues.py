"""7.4 dues."""

from typing import Any

from tests.transcription.reading import Luck, Outcome, Seen, clip, quarterly, table


def dues(w: Seen, v: Any, luck: Luck) -> Outcome:
    lots, wave = luck.states(), luck.states()
    lapsing = []
    for i in w.states:
        goes_on = lots[i] >= quarterly(v.recovery_rate)
        begins = w.fragile[i] * (lots[i] < quarterly(v.lapse_rate))
        lapsing.append(float(goes_on if w.lapsing[i] else begins))
    due = table(w, lambda i, o: w.dues_rate[i][o] * w.member[i][o])

    def share(i: int, o: int) -> float:
        kept = min(1, w.commitment[i][o] / max(w.reference_commitment[i][o], 1e-9)) if w.participation[i][o] > 0 else 1
        return kept**v.neglect_elasticity * (1 - w.withheld[i][o]) * (1 - w.lapsing[i])

    def paid_by(i: int, o: int) -> float:
        settles = v.repayment_share * share(i, o) * w.member[i][o] if w.withheld[i][o] == 0 else 0
        back = max(settles, w.settle[i][o])
        return due[i][o] * share(i, o) + w.arrears[i][o] * back

    paid = table(w, paid_by)
    received = [sum(paid[i][o] for i in w.states) for o in w.bodies]
    fields = {
        "lapsing": lapsing,
        "due": due,
        "paid": paid,
        "arrears": table(w, lambda i, o: w.arrears[i][o] + due[i][o] - paid[i][o]),
        "settle": table(w, lambda i, o: 0.0),
        "assessed_income": [
            w.kept_share[o] * received[o] + (w.parent_share[o] * received[int(w.parent[o])] if w.parent[o] >= 0 else 0)
            for o in w.bodies
        ],
        "billed_this_year": table(w, lambda i, o: w.billed_this_year[i][o] + due[i][o]),
    }
    return of_the_year(w, v, fields, wave) if w.quarter % 4 == 0 else Outcome(fields)


def of_the_year(w: Seen, v: Any, fields: dict[str, Any], wave: list[float]) -> Outcome:
    """The first quarter of a year: votes are lost and regained, a new year of bills begins."""

    def loses(i: int, o: int) -> float:
        limit = w.billed_this_year[i][o] + w.billed_last_year[i][o]
        waived = wave[i] < v.waiver_probability and fields["lapsing"][i] > 0
        owes = limit > 0 and w.arrears[i][o] >= limit * (1 - 1e-9)
        return float(owes and w.suspends[o] > 0 and w.member[i][o] > 0 and not waived)

    suspended = table(w, loses)
    fields |= {"suspended": suspended, "billed_last_year": w.billed_this_year, "billed_this_year": fields["due"]}
    if v.lost_vote_demobilization != 0:
        lost = [sum(suspended[i][o] > w.suspended[i][o] for o in w.bodies) for i in w.states]
        fields["mobilization"] = [
            clip(w.mobilization[i] - v.lost_vote_demobilization * lost[i], -10, 10) for i in w.states
        ]
    events = [
        ("vote_lost" if suspended[i][o] else "vote_regained", i, o)
        for i in w.states
        for o in w.bodies
        if suspended[i][o] != w.suspended[i][o] and w.member[i][o] > 0
    ]
    return Outcome(fields, events)

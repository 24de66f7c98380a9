"""The processes of the model by name, in the order in which their phases run."""

from abm.processes.acts import Acts
from abm.processes.base import Process, Proposal
from abm.processes.clubs import Clubs
from abm.processes.commitment import Commitment
from abm.processes.deals import Deals
from abm.processes.departures import Departures
from abm.processes.distances import Distances
from abm.processes.dues import Dues
from abm.processes.funding import Funding
from abm.processes.leadership import Leadership
from abm.processes.legitimacy import Legitimacy
from abm.processes.membership import Membership
from abm.processes.operations import Operations
from abm.processes.politics import Politics
from abm.processes.response import Response
from abm.processes.trust import Trust
from abm.processes.vitality import Vitality
from abm.processes.voice import Voice
from abm.processes.voting import Voting

__all__ = ["PROCESSES", "Process", "Proposal"]

PROCESSES: dict[str, type[Process]] = {
    process.name: process
    for process in (
        Acts, Politics, Departures, Distances, Dues, Funding, Operations, Vitality, Voting, Legitimacy, Commitment,
        Voice, Membership, Response, Deals, Clubs, Leadership, Trust,
    )
}  # fmt: skip

"""The claims C01 to C46, each a small test over twins and scenarios that it can fail. `CLAIMS` has them in order."""

from experiments.claims.claim import Case, Claim
from experiments.claims.clubs import CLUBS
from experiments.claims.followers import FOLLOWERS
from experiments.claims.leadership import LEADERSHIP
from experiments.claims.legitimacy import LEGITIMACY
from experiments.claims.money import MONEY
from experiments.claims.politics import POLITICS
from experiments.claims.recipients import RECIPIENTS
from experiments.claims.voting import VOTING

__all__ = ["CLAIMS", "Case", "Claim"]

CLAIMS: tuple[Claim, ...] = tuple(
    sorted(
        (*MONEY, *RECIPIENTS, *FOLLOWERS, *LEGITIMACY, *VOTING, *LEADERSHIP, *CLUBS, *POLITICS),
        key=lambda claim: claim.id,
    )
)

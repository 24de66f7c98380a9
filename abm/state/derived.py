"""Ways of looking into arrays that NumPy has only in slow forms."""

import numpy as np

from abm.state.world import Integers, Mask


def cells(chosen: Mask) -> tuple[Integers, Integers]:
    """Return rows and columns where a table is true, row by row; much faster than np.nonzero where these are few."""
    rows, columns = np.divmod(np.flatnonzero(chosen), chosen.shape[1])
    return rows, columns

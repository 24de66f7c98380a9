"""Hovi, Sprinz, Sælen and Underdal 2019: when a climate club grows.

Their agents are emitters that join for club goods and by conditional commitments; here states join by trust, fit and
payoff. The abstract gives directions, which are held against the size of a climate club ten years on.
"""

from importlib.resources import files

import numpy as np

from experiments.runs.run_experiment import run_experiment

ISSUE = "climate-environment"
CONFIG = files(__package__) / "config.yaml"


def here(full: bool) -> dict[str, tuple[float, float]]:
    """Return by how many members a small club grows, and how that changes with founder, incentive and conflict."""
    usual = sizes(full)
    last = float(usual[-1])
    return {
        "growth": (last - float(usual[0]), np.nan),
        "founder": (last - float(sizes(full, "shocks.club.actor=NZL")[-1]), np.nan),
        "incentive": (float(sizes(full, "clubs.good=1.6")[-1]) - last, np.nan),
        "conflict": (float(sizes(full, "clubs.distance_decay=1.6")[-1]) - last, np.nan),
    }


def sizes(full: bool, *settings: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return mean members of the club by quarter since its founding, 0 in runs where none comes about; (quarter,)."""
    small = ["replicates=12", "quarters=41"] if full else ["replicates=2", "quarters=21"]
    result = run_experiment(str(CONFIG), [*small, *settings], twin=False, workers=None if full else 1)
    founder = next(iter(result.experiment.shocks)).actor
    own = result.organizations[result.organizations["code"] == f"{ISSUE}/{founder}/2025Q2"]
    wide = own.pivot_table(index="quarter", columns="run", values="members")
    quarters = [quarter for quarter in sorted(result.series["quarter"].unique()) if quarter >= "2025Q2"]
    runs = result.series["run"].nunique()
    return np.asarray(wide.reindex(quarters).fillna(0.0).sum(axis=1).to_numpy(float) / runs)

"""The sections of a config: the world, the parameters, and a user's own processes."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from abm.calendar import parse_quarter
from abm.config.errors import Problem
from abm.parameters import Parameters
from abm.schedule import PROCESSES
from abm.shocks.kinds import Quarter
from abm.shocks.targets import Names, world_names
from abm.worlds.parameters import WORLD_SECTIONS

USE = r"^[\w.]+:\w+$"
FIRST_START = "2014Q1"
"""Contributions are known from 2013 on, and a start needs a year of them before it."""
FIRST_YEAR, LAST_YEAR = 1000, 8999
"""Years that a run may have: their quarters, and those of a hundred years of notice after them, have four digits."""
DRAWN_SIZES = {"states": 60, "organizations": 30}
SHARE = Annotated[float, Field(ge=0, le=1)]


class StrictModel(BaseModel):
    """A part of an experiment: immutable, unknown keys forbidden, types exact."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class WorldSettings(StrictModel):
    """Where the run takes place and when it starts."""

    source: Literal["real", "synthetic", "tables"] = Field(
        "real",
        description="the built-in world, one drawn from its distributions, or a folder of your own tables",
    )
    start: Quarter = Field("2025Q1", description="first quarter")
    states: int | None = Field(None, ge=2, le=5000, description="size of a synthetic world (60 unless given)")
    organizations: int | None = Field(None, ge=2, le=5000, description="size of a synthetic world (30 unless given)")
    folder: str | None = Field(None, description="folder of a world of source tables, relative to this file")
    seed: int = Field(0, ge=0, le=2**63 - 1, description="draws a synthetic world and whatever data leave open")
    dues_share: dict[str, dict[str, SHARE]] = Field(
        {},
        description="organization -> state -> its share of the dues at the start; the others' are scaled",
    )

    @model_validator(mode="before")
    @classmethod
    def _sizes(cls, values: Any) -> Any:
        """Fill in the size of a synthetic world."""
        if not isinstance(values, dict) or values.get("source") != "synthetic":
            return values
        return values | {key: size for key, size in DRAWN_SIZES.items() if values.get(key) is None}

    def names(self) -> Names:
        """Return what shocks can name in this world. Raises TablesError for a folder that cannot be read."""
        return world_names(self.folder, parse_quarter(self.start), (self.states or 0, self.organizations or 0))


class UserProcess(StrictModel):
    """A process of the user's own and the process after which it runs."""

    use: str = Field(pattern=USE, description="module:Class, looked up beside this file first")
    after: str = Field(description="process after which it runs")


class _Sections(BaseModel):
    """One field per section; those of user processes are further attributes, validated by their own class."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)


SECTIONS: dict[str, type[Parameters]] = WORLD_SECTIONS | {
    name: process.parameters for name, process in PROCESSES.items()
}
"""The class of parameters of every section: how worlds begin, then the processes in their order."""


def _section(name: str) -> Any:
    """Return the field of one section of parameters."""
    described = PROCESSES.get(name, SECTIONS[name])
    summary = (described.__doc__ or name).strip().splitlines()[0]
    return SECTIONS[name], Field(default_factory=SECTIONS[name], description=summary)


ParameterSections: type[BaseModel] = create_model(
    "ParameterSections",
    __base__=_Sections,
    __module__=__name__,
    **{name: _section(name) for name in SECTIONS},
)


def world_problems(world: WorldSettings, quarters: int) -> Iterator[Problem]:
    """Yield what is wrong within the section of the world, for a run of so many quarters."""
    for key in ("states", "organizations"):
        if world.source != "synthetic" and getattr(world, key) is not None:
            yield Problem(
                ("world", key),
                f"a {world.source} world has its own size; write {key}: null, or source: synthetic",
            )
    if (world.source == "tables") != (world.folder is not None):
        yield Problem(("world", "folder" if world.folder else "source"), "a folder and source: tables go together")
    if world.source == "real" and parse_quarter(world.start) < parse_quarter(FIRST_START):
        yield Problem(
            ("world", "start"),
            f"{world.start} is too early; the built-in world can start from {FIRST_START} on",
        )
    if not 4 * FIRST_YEAR <= parse_quarter(world.start) <= 4 * (LAST_YEAR + 1) - quarters:
        span = f"{FIRST_YEAR}Q1 to {LAST_YEAR}Q4"
        yield Problem(("world", "start"), f"{quarters} quarters from {world.start} on leave the calendar, {span}")
    for body, shares in world.dues_share.items():
        if sum(shares.values()) > 1:
            yield Problem(("world", "dues_share", body), "the shares of the dues add up to more than 1")

"""Writing a world's tables as a folder that is read again, with a README that explains the format."""

from pathlib import Path

import numpy as np
import pandas as pd

from abm.data.frames import framed
from abm.data.reading import OPTIONAL_FILES, REFERENCE_FILES, REQUIRED_FILES, Column, schema
from abm.data.table import text
from abm.data.world_tables import Tables, TablesError


def write_tables(tables: Tables, folder: Path) -> None:
    """Write a world as a folder that `read_tables` reads again, with a README on the format.

    Raises TablesError if the folder holds anything but such tables, OSError where the disk does not take it.
    """
    whole = framed(tables)
    frames = {name: getattr(whole, name) for name in (*REQUIRED_FILES, *OPTIONAL_FILES, *REFERENCE_FILES)}
    frames["lists"] = pd.DataFrame(
        [(name, code) for name, codes in tables.lists.items() for code in codes],
        columns=["list", "organization"],
    )
    own = {f"{name}.csv" for name in (*frames, "agreement")} | {"README.md"}
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or {path.name for path in folder.iterdir()} - own):
        raise TablesError(f"{folder}: holds other content; name a new or empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        _whole(frame).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    _agreement_frame(tables).to_csv(folder / "agreement.csv", lineterminator="\n", encoding="utf-8")
    (folder / "README.md").write_text(_format_text(), encoding="utf-8")


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with whole numbers written without a decimal point."""
    floats = frame.select_dtypes("float")
    return frame.astype({name: "Int64" for name in floats if (floats[name].dropna() % 1 == 0).all()})


def _agreement_frame(tables: Tables) -> pd.DataFrame:
    """Return agreement as whole numbers per mille, upper triangle, blank below."""
    codes = text(tables.states, "code")
    upper = np.triu(np.ones_like(tables.agreement, dtype=bool), 1)
    cells = np.where(upper, np.round(tables.agreement * 1000).astype(int).astype(object), "")
    return pd.DataFrame(cells, index=pd.Index(codes, name="state"), columns=codes)


def _format_text() -> str:
    """Return the README that goes with an exported world, made from the schema."""
    parts = [_FORMAT]
    for table, columns in schema().items():
        parts.append("\n".join([f"## {table}.csv", *map(_format_line, columns)]))
    return "\n\n".join(parts) + "\n"


def _format_line(column: Column) -> str:
    needed = " (needed)" if column.required else ""
    unit = f", {column.unit}" if column.unit else ""
    allowed = f"; one of: {', '.join(column.allowed)}" if column.allowed else ""
    return f"- `{column.name}`{needed}: {column.meaning}{unit}{allowed}"


_FORMAT = f"""# A world's tables

CSV files in UTF-8, one record a row. A config names the folder: `world: {{source: tables, folder: ...}}`.
The first thing that is wrong is told with file, line and column.

Needed are {", ".join(REQUIRED_FILES)}; any other file may be deleted.
`agreement.csv` is a square of whole numbers per mille, with state codes in its header and first column; a
blank cell takes the mirrored value, or else the mean. Without it agreement follows distance of positions.

Members without a row of dues share what is left of budget times assessed share, by rate. A start before the first
year of an organization's rows takes that first year. Only states with a row give
voluntary money (where fewer than three states pay anything, all members by GDP): a voluntary budget without rows is
other income, which no state can cut."""

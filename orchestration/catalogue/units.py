"""The unit of each column with numbers.

What belongs here: the fields of units.yaml and reading it. What the numbers mean is in each
column's comment.
"""

from functools import cache, cached_property
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from orchestration.settings import PROJECT, ConfigurationError
from orchestration.yaml_text import read_yaml

UNITS = PROJECT / "orchestration" / "catalogue" / "units.yaml"


class Units(BaseModel):
    """The units.

    columns: by unit, the names of the columns that have it in every table.
    only: by table (schema.name) and column, the unit where it depends on the table.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[str, tuple[str, ...]]
    only: dict[str, dict[str, str]]

    def of(self, table: str, column: str) -> str | None:
        """The unit of a table's column; None for a label, a date or a text."""
        unit = self.only.get(table, {}).get(column)
        return unit or self._by_name.get(column)

    @cached_property
    def _by_name(self) -> dict[str, str]:
        return {name: unit for unit, names in self.columns.items() for name in names}

    def names(self) -> set[str]:
        """The columns that have the same unit in every table."""
        return set(self._by_name)


@cache
def load_units(path: Path = UNITS) -> Units:
    """Read the units. Raises ConfigurationError."""
    try:
        units = Units.model_validate(read_yaml(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
    names = [name for names in units.columns.values() for name in names]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigurationError(f"{path.name}: found {twice} under two units, expected one each")
    return units

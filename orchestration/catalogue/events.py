"""Events that moved everything at the border.

What belongs here: the months in which figures need not be like those of the months before.
"""

from functools import cache
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from orchestration.settings import PROJECT, ConfigurationError
from orchestration.yaml_text import read_yaml

EVENTS = PROJECT / "orchestration" / "catalogue" / "events.yaml"
_MONTHS = TypeAdapter(dict[str, str])


@cache
def load_events(path: Path = EVENTS) -> dict[str, str]:
    """Return the event of each such month, YYYY-MM. Raises ConfigurationError."""
    try:
        return _MONTHS.validate_python(read_yaml(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error

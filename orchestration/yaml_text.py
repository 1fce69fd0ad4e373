"""Reading YAML.

Nothing here knows what the YAML is about.
"""

from typing import Any

import yaml

# libyaml is ten times as fast as PyYAML's own code, which stands in where PyYAML lacks it
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str) -> Any:
    """The value of a text in YAML, None for an empty one. Raises yaml.YAMLError."""
    return yaml.load(text, _Loader)  # noqa: S506

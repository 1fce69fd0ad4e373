"""Importing large libraries in less time."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any


@contextmanager
def quick_imports() -> Iterator[None]:
    """While this lasts nobody looks for garbage: imports leave next to none, and to look through
    all that they make takes an eighth of their time. What was made is never looked through again,
    so that processes that are forked share it."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def absent(*packages: str) -> Iterator[None]:
    """While this lasts, these packages count as not installed, for who can do without them. One
    that is loaded already stays."""
    # None is Python's own mark of what cannot be imported
    hidden: dict[str, Any] = {name: None for name in packages if name not in sys.modules}
    sys.modules.update(hidden)
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def import_when_used(name: str) -> None:
    """Make `import package` or `from package import module`, by the full name, load the module only
    once something in it is used. Does nothing if it is loaded already. Raises ImportError if there
    is none."""
    if name in sys.modules:
        return
    spec = find_spec(name)  # imports the package that it is in
    if spec is None:
        raise ImportError(f"found no module {name}")
    sys.modules[name] = stand_in = _StandIn(name)
    stand_in.__spec__ = spec
    package, _, module = name.rpartition(".")
    if package:
        setattr(sys.modules[package], module, stand_in)  # where the statement looks first


class _StandIn(ModuleType):
    """Loads a module on the first question for what only this module has. Python's own lazy
    modules load on any: `inspect.stack`, which dbt calls, asks every module for its file."""

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__") and attribute != "__path__":
            raise AttributeError(attribute)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), attribute)

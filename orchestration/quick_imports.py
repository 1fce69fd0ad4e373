"""Importing large libraries in less time."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import LazyLoader, find_spec, module_from_spec


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


def import_when_used(package: str, module: str) -> None:
    """Make `from package import module` load the module only once something in it is used. Does
    nothing if it is loaded already. Raises ImportError if there is none."""
    name = f"{package}.{module}"
    if name in sys.modules:
        return
    spec = find_spec(name)  # imports the package
    if spec is None or spec.loader is None:
        raise ImportError(f"found no module {name}")
    spec.loader = LazyLoader(spec.loader)
    sys.modules[name] = lazy = module_from_spec(spec)
    spec.loader.exec_module(lazy)
    setattr(sys.modules[package], module, lazy)  # else the statement would look at it, and load it

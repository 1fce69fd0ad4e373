"""Importing large libraries in less time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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

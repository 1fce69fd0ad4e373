"""A stand-in for the intake that does what the file says: crash, hang, or worse.

What belongs here: what the watch must notice. It imports no reader, so that its processes
start quickly.
"""

import os
import time

from tests.resilience.fuzz.watched_process import MEBIBYTE, Input, Outcome


class Panic(BaseException):
    """A panic as the readers' Rust code raises it, which is not an Exception."""


def misbehave(given: Input) -> Outcome:
    """End in the way that the file names; anything else is refused."""
    match given.content:
        case b"raise":
            raise ValueError("not a date")
        case b"panic":
            raise Panic("byte array offset overflow")
        case b"abort":
            os.abort()
        case b"exit":
            os._exit(0)
        case b"hang":
            time.sleep(600)
        case b"eat":
            return "read" if bytearray(b"x" * 200 * MEBIBYTE) else "refused"
        case b"eat and hold":
            held = bytearray(b"x" * 200 * MEBIBYTE)
            time.sleep(600)
            del held
        case b"eat all":
            bytearray(1 << 46)
    return "refused"

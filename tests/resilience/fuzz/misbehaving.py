"""A judge that does what the file says: crash, hang, or worse.

What belongs here: what shows that the watch notices. It imports no reader, so that the
processes which it ends are cheap.
"""

import os
import time

from tests.resilience.fuzz.watching import MEBIBYTE, Input, Outcome


class Panic(BaseException):
    """As the readers' Rust raises it: no Exception."""


def judge(given: Input) -> Outcome:
    """One word is one way to end."""
    match given.content:
        case b"raise":
            raise ValueError("a date that is none")
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

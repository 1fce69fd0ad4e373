"""Why a publisher did not answer, or not with something usable, in a few words.

What belongs here: the exceptions of this package, and short words for the errors of `requests`,
whose own texts are chains of several hundred characters.
"""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError


@dataclass(frozen=True)
class Failure:
    """place: a URL, or the name of a host that did not answer at all."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class Unreachable(Exception):
    """The publisher did not respond, or not with a usable robots.txt or listing."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


class BadResponse(Exception):
    """The response to one URL is unusable; the message says what was found and expected."""


class TooSlow(BadResponse):
    """The response had begun, but was not there in time."""


def why_unanswered(error: requests.RequestException, seconds: float) -> tuple[str, bool]:
    """Why a request was not answered after so many seconds, and whether there was no connection
    at all: then no other request to the host would be answered either."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {cause.verify_message}", True
    if isinstance(error, requests.exceptions.SSLError):
        return "no TLS connection", False
    if isinstance(error, requests.exceptions.ProxyError):
        return "no connection through the proxy", True
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection within {seconds:.0f} s", True
    if isinstance(error, requests.ReadTimeout):
        return f"no answer within {seconds:.0f} s", False
    if any(isinstance(cause, NameResolutionError) for cause in causes):
        return "no connection: its name cannot be resolved", True
    if any(isinstance(cause, NewConnectionError) for cause in causes):
        errno = next(
            (cause for cause in causes if isinstance(cause, OSError) and cause.errno), None
        )
        return f"no connection: {errno.strerror if errno else 'refused'}".lower(), True
    if isinstance(error, requests.ConnectionError):
        return "the connection was closed before an answer", False
    return f"no answer: {type(error).__name__}", False


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and all that it was made from, however the libraries have wrapped it."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        found = waiting.pop()
        if isinstance(found, BaseException) and not any(found is known for known in seen):
            seen.append(found)
            waiting += [found.__cause__, found.__context__, getattr(found, "reason", None)]
            waiting += found.args
    yield from seen

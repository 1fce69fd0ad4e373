"""The check in front of Dagster's web server, which has no login: only its own pages may drive it.

What belongs here: what a request must look like to be let through, as ASGI middleware. Any web
page that the operator visits can send requests to the loopback address; a browser says in the
headers Host, Origin and Sec-Fetch-* where a request comes from, and a page cannot change them.
Nothing here knows Dagster, except that its API is at /graphql.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Refusal = tuple[int, str]  # HTTP status, and the reason as text

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
DEFAULT_PORTS = {"http": 80, "https": 443}
API = "/graphql"
DATA = (API, "/logs/", "/download_debug/", "/notebook", "/dagit/notebook")  # no pages
READING = ("GET", "HEAD", "OPTIONS")
POLICY_VIOLATION = 1008


class SameOrigin:
    """Passes on what comes from a page of one of these origins, or from no page; refuses the rest.

    origins: as `origin_of` writes them.
    """

    def __init__(self, app: App, origins: Iterable[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = refusal(scope, self._origins)
        if refused is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":  # closed before it is accepted: the server sends 403
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": refused[1]})
        else:
            await _answer(send, *refused)


def own_origins(port: int, proxy: str | None = None) -> list[str]:
    """The origins of a server on the loopback address, and of the proxy before it, if there is
    one. Raises ValueError for a proxy that is not an origin."""
    loopback = [origin_of(f"http://{host}:{port}") for host in LOOPBACK]
    return loopback if proxy is None else [*loopback, origin_of(proxy)]


def origin_of(address: str) -> str:
    """An origin as a browser writes it: scheme, host in lower case, port unless it is the
    scheme's own. Raises ValueError if the address has anything else, such as a path."""
    parts = urlsplit(address)
    scheme, host = parts.scheme, parts.hostname
    if scheme not in DEFAULT_PORTS or not host or "@" in parts.netloc:
        raise ValueError(address)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(address)
    port = f":{parts.port}" if parts.port not in (None, DEFAULT_PORTS[scheme]) else ""
    return f"{scheme}://{f'[{host}]' if ':' in host else host}{port}"


def refusal(scope: Scope, origins: frozenset[str]) -> Refusal | None:
    """Why a connection is refused; None if it is let through."""
    if scope["type"] not in ("http", "websocket"):  # the server's own start and stop
        return None
    headers = _headers(scope)
    return _foreign(scope, headers, origins) or (
        _not_json(scope, headers) if scope["type"] == "http" else None
    )


def _foreign(
    scope: Scope, headers: dict[str, list[str]], origins: frozenset[str]
) -> Refusal | None:
    """The refusal of a request that another site's page made, or made the browser make."""
    hosts = {origin.partition("://")[2] for origin in origins}
    host, origin = headers.get("host", []), headers.get("origin", [])
    # a name of the attacker's that resolves to 127.0.0.1 makes the attacker's page our own
    if len(host) != 1 or host[0].lower() not in hosts:
        return 403, f"Host is {_shown(host)}; expected {' or '.join(sorted(hosts))}"
    if not set(origin) <= origins or (scope["type"] == "websocket" and not origin):
        return 403, f"Origin is {_shown(origin)}; expected {' or '.join(sorted(origins))}"
    # a GET has no Origin, such as that of an image or a frame; following a link is allowed
    site = headers.get("sec-fetch-site", [])
    if not set(site) <= {"same-origin", "none"} and not _follows_link(scope, headers):
        return 403, f"Sec-Fetch-Site is {_shown(site)}; expected same-origin"
    return None


def _follows_link(scope: Scope, headers: dict[str, list[str]]) -> bool:
    """Whether the browser opens one of the UI's pages in a tab, not in a frame."""
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and not scope["path"].startswith(DATA)
        and headers.get("sec-fetch-mode") == ["navigate"]
        and headers.get("sec-fetch-dest") == ["document"]
    )


def _not_json(scope: Scope, headers: dict[str, list[str]]) -> Refusal | None:
    """The refusal of a query or a change that any page's form or image can send; a page of another
    origin may not send JSON without asking first, and is not answered."""
    if scope["method"] in READING:
        query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if scope["path"].rstrip("/") == API and "query" in query:
            return 405, f"{API} was called by {scope['method']}; expected POST"
        return None
    kinds = headers.get("content-type", [])
    # compared as a whole: Dagster takes `text/plain; application/json` for JSON
    if [kind.partition(";")[0].strip().lower() for kind in kinds] != ["application/json"]:
        return 415, f"Content-Type is {_shown(kinds)}; expected application/json"
    return None


def _headers(scope: Scope) -> dict[str, list[str]]:
    """Every value of every header, by its name in lower case."""
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return headers


def _shown(values: list[str]) -> str:
    return ", ".join(map(ascii, values)) or "missing"


async def _answer(send: Send, status: int, reason: str) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"Refused: {reason}\n".encode()})

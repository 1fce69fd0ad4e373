"""Which requests the check before the web server lets through."""

import asyncio
from typing import Any

import pytest

from orchestration.automation.same_origin import (
    Message,
    Receive,
    SameOrigin,
    Scope,
    Send,
    origin_of,
    own_origins,
)

HOST, ORIGIN = "127.0.0.1:3000", "http://127.0.0.1:3000"
PROXY = "https://ledger.example.gov"
OTHER_PORT = "http://127.0.0.1:8000"
JSON = {"content-type": "application/json"}
LINK = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


def http(
    method: str, path: str = "/graphql", headers: dict[str, str] | None = None, query: str = ""
) -> Scope:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": _encoded({"host": HOST, **(headers or {})}),
    }


def websocket(headers: dict[str, str]) -> Scope:
    return {
        "type": "websocket",
        "path": "/graphql",
        "query_string": b"",
        "headers": _encoded({"host": HOST, **headers}),
    }


def answer(scope: Scope) -> str | int:
    """What becomes of a request: `passed`, the status of the refusal, or `closed`."""
    sent: list[Message] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "passed"})

    async def receive() -> Message:
        return {}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(SameOrigin(application, own_origins(3000, PROXY))(scope, receive, send))
    if sent[0]["type"] == "http.response.start":
        assert sent[1]["body"].startswith(b"Refused: ")
        return int(sent[0]["status"])
    return {"passed": "passed", "websocket.close": "closed"}[sent[0]["type"]]


@pytest.mark.parametrize("host", [HOST, "localhost:3000", "[::1]:3000", "LOCALHOST:3000"])
def test_the_loopback_addresses_are_answered(host: str) -> None:
    assert answer(http("GET", "/runs", {"host": host})) == "passed"


@pytest.mark.parametrize(
    "host",
    ["attacker.example:3000", "127.0.0.1", "127.0.0.1:8000", "127.0.0.1:3000.evil.example", ""],
)
def test_a_name_that_only_resolves_to_the_loopback_address_is_refused(host: str) -> None:
    assert answer(http("GET", "/runs", {"host": host})) == 403
    assert answer(http("POST", headers={"host": host, **JSON})) == 403
    assert answer(websocket({"host": host, "origin": ORIGIN})) == "closed"


def test_a_request_with_no_host_or_two_is_refused() -> None:
    for headers in ([], [(b"host", HOST.encode()), (b"host", b"attacker.example")]):
        assert answer({**http("GET", "/runs"), "headers": headers}) == 403


@pytest.mark.parametrize("origin", [ORIGIN, "http://localhost:3000", PROXY])
def test_the_pages_of_the_ui_may_do_what_they_do(origin: str) -> None:
    headers = {"origin": origin, "sec-fetch-site": "same-origin"}
    kind = {"content-type": "application/json; charset=utf-8"}
    assert answer(http("POST", headers={**headers, **kind})) == "passed"
    assert answer(websocket(headers)) == "passed"
    # a proxy hands on the host that the browser asked for, or puts in that of the server
    host = {"host": origin.partition("://")[2]}
    assert answer(http("POST", headers={**headers, **kind, **host})) == "passed"
    assert answer(websocket({**headers, **host})) == "passed"


@pytest.mark.parametrize(
    "origin", ["https://attacker.example", OTHER_PORT, "https://127.0.0.1:3000", "null", ""]
)
def test_the_pages_of_other_origins_may_not(origin: str) -> None:
    assert answer(http("POST", headers={"origin": origin, **JSON})) == 403
    assert answer(http("OPTIONS", headers={"origin": origin})) == 403
    assert answer(http("GET", "/server_info", {"origin": origin})) == 403
    assert answer(websocket({"origin": origin})) == "closed"


def test_two_origins_are_refused_if_one_is_foreign() -> None:
    scope = http("POST", headers={"origin": ORIGIN, **JSON})
    scope["headers"].append((b"origin", b"https://attacker.example"))
    assert answer(scope) == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_sites_may_link_to_a_page_but_not_embed_it_or_read_data(site: str) -> None:
    headers = {"sec-fetch-site": site}
    assert answer(http("GET", "/runs/1", {**headers, **LINK})) == "passed"
    frame = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}
    assert answer(http("GET", "/runs/1", {**headers, **frame})) == 403
    image = {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}
    assert answer(http("GET", "/favicon.png", {**headers, **image})) == 403
    for path in ("/graphql", "/logs/run/compute_logs/step.err", "/download_debug/1", "/notebook"):
        assert answer(http("GET", path, {**headers, **LINK})) == 403
    assert answer(http("POST", "/runs/1", {**headers, **LINK, **JSON})) == 403


@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "none", **LINK}])
def test_the_operators_own_requests_are_answered(headers: dict[str, str]) -> None:
    assert answer(http("GET", "/graphql", headers)) == "passed"
    assert answer(http("GET", "/logs/run/compute_logs/step.err", headers)) == "passed"
    assert answer(http("POST", headers={**headers, **JSON})) == "passed"


def test_a_websocket_without_an_origin_is_refused() -> None:
    assert answer(websocket({})) == "closed"


@pytest.mark.parametrize("query", ["query=mutation{stop}", "a=1&query=", "%71uery={version}"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_query_by_get_is_refused(query: str, method: str) -> None:
    assert answer(http(method, query=query)) == 405
    assert answer(http(method, "/graphql/", query=query)) == 405


def test_a_page_may_have_a_query_in_its_address() -> None:
    assert answer(http("GET", "/assets", query="query=archive")) == "passed"


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "text/plain; application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json, text/plain",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/graphql", "/report_asset_materialization/a"])
def test_a_change_that_is_not_json_is_refused(kind: str, path: str) -> None:
    assert answer(http("POST", path, {"content-type": kind})) == 415
    assert answer(http("POST", path, {"content-type": kind, "origin": ORIGIN})) == 415


def test_a_change_without_a_content_type_is_refused() -> None:
    assert answer(http("POST")) == 415


def test_the_servers_own_events_are_passed_on() -> None:
    assert answer({"type": "lifespan"}) == "passed"


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://Ledger.Example.gov/", PROXY),
        ("https://ledger.example.gov:443", PROXY),
        ("http://ledger.example.gov:8080", "http://ledger.example.gov:8080"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(address: str, origin: str) -> None:
    assert origin_of(address) == origin


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ledger.example.gov",
        "ftp://ledger.example.gov",
        "https://",
        "https://ledger.example.gov/ui",
        "https://ledger.example.gov?a=1",
        "https://user@ledger.example.gov",
        "https://ledger.example.gov:port",
    ],
)
def test_anything_else_is_no_origin(address: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        own_origins(3000, address)


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def test_the_refusal_says_what_was_found_and_expected() -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def never(*_: Any) -> Any:
        raise AssertionError

    scope = http("GET", "/", {"host": "ledger.example.gov"})
    asyncio.run(SameOrigin(never, ["http://localhost:3000"])(scope, never, send))
    assert sent[1]["body"] == b"Refused: Host is 'ledger.example.gov'; expected localhost:3000\n"

"""A page of another origin, in a real browser, that tries to drive the UI."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PROJECT
from tests.pipeline.browser.serving import NEEDS_BROWSER, Server, wait

pytestmark = NEEDS_BROWSER
LOCATION, REPOSITORY, SCHEDULE = "orchestration.definitions", "__repository__", "nightly_at_two"
SELECTOR = f'repositoryLocationName: "{LOCATION}", repositoryName: "{REPOSITORY}"'
SCHEDULES = f"""{{ schedulesOrError(repositorySelector: {{{SELECTOR}}}) {{ ... on Schedules {{
  results {{ name scheduleState {{ id selectorId status }} }} }} }} }}"""
FAILURES = """{ logsForRun(runId: "%s") { ... on EventConnection { events {
  ... on ExecutionStepFailureEvent { stepKey error { message causes { message } } } } } } }"""
RUN_SECONDS = 120
NIGHTLY = "nightly_at_two"
RUNS = "{ runsOrError { ... on Runs { results { runId status } } } }"
# what a page may send without being told the answer
NOT_ANSWERED = {"text", *(f"{way} {number}" for way in ("get", "beacon") for number in (0, 1))}
ATTACK = """
async ([url, attacks]) => {
  const tried = {};
  const attempt = async (name, request) => {
    try { tried[name] = await request(); } catch (error) { tried[name] = 'failed'; }
  };
  const post = (kind, mode) => async () =>
    (await Promise.all(attacks.map(query => fetch(url + '/graphql', {
      method: 'POST', mode, headers: {'Content-Type': kind}, body: JSON.stringify({query}),
    })))).map(response => response.type).join();
  const loaded = (tag, address) => new Promise(resolve => {
    const element = document.createElement(tag);
    element.onload = () => resolve('loaded');
    element.onerror = () => resolve('failed');
    element.src = address;
    document.body.append(element);
  });
  for (const [number, query] of attacks.entries()) {
    const address = url + '/graphql?query=' + encodeURIComponent(query);
    await attempt('image ' + number, () => loaded('img', address));
    await attempt('script ' + number, () => loaded('script', address));
    await attempt('get ' + number, async () => (await fetch(address, {mode: 'no-cors'})).type);
    await attempt('beacon ' + number, () => navigator.sendBeacon(url + '/graphql', new Blob(
      [JSON.stringify({query})], {type: 'text/plain; x=application/json'})) && 'sent');
  }
  await attempt('text', post('text/plain; x=application/json', 'no-cors'));
  await attempt('json', post('application/json', 'cors'));
  await attempt('read', async () => (await fetch(url + '/server_info')).status);
  await attempt('websocket', () => new Promise(resolve => {
    const socket = new WebSocket(url.replace('http', 'ws') + '/graphql', 'graphql-ws');
    socket.onopen = () => resolve('open');
    socket.onerror = () => resolve('failed');
  }));
  return tried;
}
"""
FORM = """
([url, query]) => {
  const form = Object.assign(document.createElement('form'), {method: 'post', action: url});
  form.append(Object.assign(document.createElement('input'), {name: 'query', value: query}));
  form.action = url + '/graphql?query=' + encodeURIComponent(query);
  document.body.append(form);
  form.submit();
}
"""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """The address of an empty page on another port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Elsewhere</title><body></body>")

        def log_message(self, format: str, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{other.server_port}"
        other.shutdown()


@pytest.fixture(scope="module")
def attacks(server: Server, page: Page) -> list[str]:
    """A mutation that stops the schedule, and one that launches the job on another folder."""
    [schedule] = _schedules(server, page)
    stop = f'mutation {{ stopRunningSchedule(id: "{schedule["id"]}") {{ __typename }} }}'
    config = json.dumps({"ops": {"sources": {"config": {"landing": [str(PROJECT)]}}}})
    launch = f"""mutation {{ launchRun(executionParams: {{ selector: {{ {SELECTOR},
      jobName: "nightly" }}, runConfigData: {json.dumps(config)}, mode: "default" }})
      {{ ... on LaunchRunSuccess {{ run {{ runId }} }} }} }}"""
    return [" ".join(query.split()) for query in (stop, launch)]


def test_a_page_of_another_origin_cannot_stop_the_schedule_or_launch_a_run(
    server: Server, page: Page, elsewhere: str, attacks: list[str]
) -> None:
    with _nothing_happens(server, page):
        for origin in (elsewhere, elsewhere.replace("127.0.0.1", "localhost")):
            page.goto(origin)
            tried = page.evaluate(ATTACK, [server.url, attacks])
            assert {name for name, result in tried.items() if result != "failed"} == NOT_ANSWERED
            for query in attacks:
                page.goto(origin)
                page.evaluate(FORM, [server.url, query])
                expect(page.locator("body")).to_contain_text("Refused: Origin is")


def test_a_page_of_another_origin_cannot_frame_the_ui(
    server: Server, page: Page, elsewhere: str
) -> None:
    page.goto(elsewhere)
    page.evaluate(
        "url => document.body.append(Object.assign(document.createElement('iframe'), {src: url}))",
        f"{server.url}/automation",
    )
    framed = page.frame_locator("iframe").locator("body")
    expect(framed).to_contain_text("Refused: Sec-Fetch-Site is 'same-site'")


def test_a_page_of_another_origin_may_link_to_the_ui(
    server: Server, page: Page, elsewhere: str
) -> None:
    page.goto(elsewhere)
    page.evaluate("url => { location.href = url }", f"{server.url}/automation")
    expect(page.get_by_text(SCHEDULE)).to_be_visible()


def test_a_name_that_resolves_to_the_loopback_address_is_refused(
    server: Server, page: Page
) -> None:
    page.goto(f"http://rebound.localhost:{server.port}/automation")  # browsers resolve it
    expect(page.locator("body")).to_contain_text("Refused: Host is 'rebound.localhost")


def test_a_query_by_get_is_refused_even_from_the_ui_itself(
    server: Server, page: Page, attacks: list[str]
) -> None:
    with _nothing_happens(server, page):
        for query in attacks:
            assert page.request.get(f"{server.url}/graphql?query={quote(query)}").status == 405
            body = json.dumps({"query": query})
            for kind in ("text/plain", "text/plain; x=application/json", "application/graphql"):
                headers = {"Content-Type": kind}
                refused = page.request.post(f"{server.url}/graphql", data=body, headers=headers)
                assert refused.status == 415


def test_the_ui_itself_has_a_websocket(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/automation")
    opened = """url => new Promise(resolve => {
      const socket = new WebSocket(url, 'graphql-ws');
      socket.onopen = () => { socket.close(); resolve(true); };
      socket.onerror = () => resolve(false);
    })"""
    assert page.evaluate(opened, f"ws://127.0.0.1:{server.port}/graphql")


def test_the_attacks_would_have_worked_and_a_launched_run_reads_no_folder_outside_of_the_roots(
    server: Server, page: Page, attacks: list[str]
) -> None:
    stop, launch = attacks
    _asked(server, page, stop)
    [schedule] = _schedules(server, page)
    assert schedule["status"] == "STOPPED"
    run = _asked(server, page, launch)["launchRun"]["run"]["runId"]
    assert wait(lambda: _runs(server, page)[run] == "FAILURE", RUN_SECONDS, every=0.5)
    found = _asked(server, page, FAILURES % run)["logsForRun"]["events"]
    [failure] = [json.dumps(event) for event in found if event.get("stepKey") == "sources"]
    assert f"landing folder {PROJECT} is below none" in failure
    assert str(server.home.parent / "landing") in failure


@contextmanager
def _nothing_happens(server: Server, page: Page) -> Iterator[None]:
    before = _runs(server, page)
    yield
    [schedule] = _schedules(server, page)
    assert schedule["status"] == "RUNNING"
    assert _runs(server, page) == before


def _schedules(server: Server, page: Page) -> list[dict[str, Any]]:
    found = _asked(server, page, SCHEDULES)["schedulesOrError"]["results"]
    return [schedule["scheduleState"] for schedule in found if schedule["name"] == NIGHTLY]


def _runs(server: Server, page: Page) -> dict[str, str]:
    found = _asked(server, page, RUNS)["runsOrError"]["results"]
    return {run["runId"]: run["status"] for run in found}


def _asked(server: Server, page: Page, query: str) -> dict[str, Any]:
    answer = page.request.post(f"{server.url}/graphql", data={"query": query}).json()
    assert "errors" not in answer, answer
    return dict(answer["data"])

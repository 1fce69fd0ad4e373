"""What a browser shows of a page of the report, gathered in one opening as plain data.

What belongs here: how a page is opened, read, put on a phone and on paper, and looked at by
axe-core. What must be found is in the tests. Opening a page and axe-core take most of the time of
these tests, so that all tests of a page look at what was gathered once.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Locator, Page, ViewportSize

DRAWN = "body[data-drawn]"
PHONE: ViewportSize = {"width": 375, "height": 700}
DESK: ViewportSize = {"width": 1280, "height": 720}
PAPER: ViewportSize = {"width": 794, "height": 1123}  # A4, at 96 dots per inch
CALIFORNIA = "America/Los_Angeles"  # where a month must not become the one before
WIDER = "() => document.documentElement.scrollWidth - window.innerWidth"
SERIOUS = ("serious", "critical")
OPENED_DETAILS = 4  # a table, a query and the releases: the other exhibits' are like the first's
# how many marks the figures of each chart need, and how many it has: points of lines, bars, dots
COUNTS = """() => [...document.querySelectorAll('.plot')].map((plot) => {
  const spec = JSON.parse(plot.nextElementSibling.textContent);
  const paths = (mark) => [...plot.querySelectorAll(`.mark-${mark} path`)];
  const points = (path) => (path.getAttribute('d') || '').split(/[ML]/).length - 1;
  const lines = paths('line').reduce((sum, path) => sum + points(path), 0);
  const kind = spec.layer[0].mark.type;
  const figures = spec.datasets.figures;
  const open = figures.filter((figure) => figure.open).length;
  const single = figures.filter((figure) => (figure.open || figure.single) && !figure.alone).length;
  const alone = figures.filter((figure) => figure.alone).length;
  return {
    kind,
    expected: kind === 'line' ? [figures.length - alone, single + alone]
      : kind === 'bar' ? [figures.length + open] : [figures.length],
    drawn: kind === 'line' ? [lines, paths('symbol').length]
      : kind === 'bar' ? [paths('rect').length] : [paths('symbol').length],
  };
})"""
FIGURES = """() => [...document.querySelectorAll('.plot')].map(
  (plot) => JSON.parse(plot.nextElementSibling.textContent).datasets.figures)"""
USABLE = "[...document.querySelectorAll('a, summary, input, .plot')]"
LISTEN = """() => {
  window.reached = new Set();
  addEventListener('focusin', (event) => reached.add(event.target));
}"""
UNREACHED = f"""() => {USABLE}
  .filter((element) => element.checkVisibility() && !reached.has(element))
  .map((element) => element.outerHTML.slice(0, 200))"""
# One template writes all rows of a table, all cards of a list and all parts of a page, and one
# function draws all marks of a chart, which are hidden from a screen reader: what is wrong with one
# in the middle is wrong with the first, too. Only an id that is there twice shows nowhere else.
SHORTEN = """(most) => {
  for (const group of document.querySelectorAll('main, tbody, .cards, .plot svg g')) {
    for (const one of [...group.children].slice(most, -most)) one.remove();
  }
}"""
REPEATED = """() => [...document.querySelectorAll('[id]')].map((element) => element.id)
  .filter((id, at, all) => all.indexOf(id) < at)"""
PRESSES = 20  # of Tab, after which it is asked what has not been reached
KEPT = 6  # at each end
# Nine tenths of axe-core's time go into the contrast of each text with what is behind it. Texts
# have the same contrast if they and all that they are in have the same colours and letters, so that
# a few of each kind are enough; several, as axe-core says nothing of a text that is partly covered.
# That goes for the stricter rule too, which is among all rules of colours, though not by default.
CHOOSE_TEXTS = """(most) => {
  const styles = ['color', 'backgroundColor', 'backgroundImage', 'opacity', 'fontSize',
    'fontWeight', 'position'];
  const kinds = new Map();  // by what they and their surroundings look like: number, texts so far
  const kindOf = new Map();
  for (const element of document.querySelectorAll('body, body *')) {
    const style = getComputedStyle(element);
    const around = kindOf.get(element.parentElement);
    const look = [around?.number, ...styles.map((name) => style[name])].join('|');
    if (!kinds.has(look)) kinds.set(look, {number: kinds.size, texts: 0});
    const kind = kinds.get(look);
    kindOf.set(element, kind);
    const text = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)
      .map((node) => node.data.trim()).join('');
    const isChosen = text.length > 1 && element.checkVisibility() && kind.texts++ < most;
    element.toggleAttribute('data-contrast', isChosen);
  }
  const rules = ['color-contrast', 'color-contrast-enhanced'];
  axe.configure({rules: rules.map((id) => ({id, selector: '[data-contrast]'}))});
}"""
TEXTS_CHOSEN = 4  # of each kind
VIOLATIONS = "async (options) => (await axe.run(options)).violations"
AXE_OPTIONS = {"preload": False, "resultTypes": ["violations"]}
OF_COLOURS = {"runOnly": {"type": "tag", "values": ["cat.color"]}}


class Marks(TypedDict):
    """The kind of a chart's marks, how many of each its figures need, and how many are drawn."""

    kind: str
    expected: list[int]
    drawn: list[int]


@dataclass(frozen=True)
class Reading:
    """What is said of the figures of an exhibit's first chart: beside the pointer, below the chart
    meanwhile, and there after the keys Home, End and the left arrow."""

    figures: list[dict[str, Any]]
    tip: str | None
    pointed: str | None
    first: str | None
    last: str | None
    before_last: str | None


@dataclass(frozen=True)
class Seen:
    """What was seen of a page.

    complaints: of the console, and errors. asked: every address that was asked for.
    wider: by how many pixels it is wider than a phone and than paper; at most 0 where it fits.
    printed_links: whether the links to the other pages are on paper.
    marks, figures: of each chart. readings: of each exhibit with a chart.
    unreached: what can be used and the keyboard does not reach.
    repeated: the ids that more than one element has.
    barriers: what axe-core finds serious, by colour scheme: the rule, the element.
    """

    complaints: list[str]
    asked: list[str]
    wider: dict[str, int]
    printed_links: bool
    marks: list[Marks]
    figures: list[list[dict[str, Any]]]
    readings: list[Reading]
    unreached: list[str]
    repeated: list[str]
    barriers: dict[str, list[tuple[str, str]]]


def look_at(page: Page, path: Path, *, is_used: bool) -> Seen:
    """Open a page of the report on a phone, print it, and look at it on a desk, by light and in the
    dark. page: of the browser, in which another one may have been open.

    is_used: also go through it with mouse and keyboard.
    """
    page.emulate_media(media="screen", color_scheme="light")
    page.set_viewport_size(PHONE)
    with listening(page) as (asked, complaints):
        _open(page, path)
        wider = {"phone": page.evaluate(WIDER)}
        page.set_viewport_size(PAPER)
        page.emulate_media(media="print")
        wider["paper"] = page.evaluate(WIDER)
        printed_links = page.locator("nav").is_visible()
        page.emulate_media(media="screen")
        page.set_viewport_size(DESK)
        exhibits = page.locator(".exhibit:has(.plot)").all() if is_used else []
        return Seen(
            complaints,
            asked,
            wider,
            printed_links,
            marks=page.evaluate(COUNTS),
            figures=page.evaluate(FIGURES),
            unreached=_unreached(page) if is_used else [],
            readings=[_read(exhibit) for exhibit in exhibits],
            repeated=page.evaluate(REPEATED),
            barriers=_barriers(page),  # the last, as it leaves out rows
        )


@contextmanager
def opened(browser: Browser, path: Path) -> Iterator[tuple[Page, list[str], list[str]]]:
    """A page of the report on a desk, once its charts are drawn; what it has asked for and
    complained about so far."""
    page = browser.new_page(viewport=DESK)
    try:
        with listening(page) as (asked, complaints):
            _open(page, path)
            yield page, asked, complaints
    finally:
        page.close()


@contextmanager
def listening(page: Page) -> Iterator[tuple[list[str], list[str]]]:
    """The addresses that are asked for meanwhile, and what the browser complains about."""
    asked: list[str] = []
    complaints: list[str] = []
    heard: dict[str, Callable[[Any], None]] = {
        "request": lambda request: asked.append(request.url),
        "console": lambda message: complaints.append(message.text),
        "pageerror": lambda error: complaints.append(str(error)),
    }
    for event, hear in heard.items():
        page.on(event, hear)  # type: ignore[call-overload]
    try:
        yield asked, complaints
    finally:
        for event, hear in heard.items():
            page.remove_listener(event, hear)


def _open(page: Page, path: Path) -> None:
    page.goto(path.as_uri())
    page.wait_for_selector(DRAWN, state="attached")


def _unreached(page: Page) -> list[str]:
    """What can be used, and has not the focus however often Tab is pressed."""
    page.evaluate(LISTEN)
    unreached: list[str] = page.evaluate(UNREACHED)
    most = page.evaluate(f"{USABLE}.length + 20")
    while unreached and most > 0:
        for _ in range(min(most, PRESSES)):
            page.keyboard.press("Tab")
        most -= PRESSES
        unreached = page.evaluate(UNREACHED)
    return unreached


def _read(exhibit: Locator) -> Reading:
    plot, reading = exhibit.locator(".plot").first, exhibit.locator(".reading")
    specification = json.loads(plot.evaluate("plot => plot.nextElementSibling.textContent"))
    plot.scroll_into_view_if_needed()
    plot.hover()
    tip, pointed = plot.locator(".tip").text_content(), reading.text_content()
    plot.focus()
    after = []
    for key in ("Home", "End", "ArrowLeft"):
        plot.press(key)
        after.append(reading.text_content())
    return Reading(specification["datasets"]["figures"], tip, pointed, *after)


def _barriers(page: Page) -> dict[str, list[tuple[str, str]]]:
    """By light all rules; in the dark those of colours, as nothing else differs there."""
    for details in page.locator("details").all()[:OPENED_DETAILS]:
        details.evaluate("element => { element.open = true; }")
    page.evaluate(SHORTEN, KEPT)
    page.evaluate(AXE_SCRIPT)
    found = {}
    for scheme, rules in (("light", {}), ("dark", OF_COLOURS)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.evaluate(CHOOSE_TEXTS, TEXTS_CHOSEN)
        violations = page.evaluate(VIOLATIONS, AXE_OPTIONS | rules)
        found[scheme] = [
            (violation["id"], violation["nodes"][0]["html"][:200])
            for violation in violations
            if violation["impact"] in SERIOUS
        ]
    return found

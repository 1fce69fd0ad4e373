"""What has been announced, in `<home>/alerts.json`.

What belongs here: storing it under a lock, and when an alert that could not be sent is tried
again. The daemon and the command use the same file, so that neither sends what the other has sent.
"""

import fcntl
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from orchestration.automation.alerts.conditions import Alert
from orchestration.durable import replace

log = logging.getLogger(__name__)

FILE = "alerts.json"
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=3)


class Announced(BaseModel):
    """An alert that was announced, or is to be.

    since: when it was first to be sent.
    waiting: the channels that have not got it.
    tried: how often it was tried; tried_at: the last time; sent_at: when a channel last got it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    since: datetime
    waiting: tuple[str, ...]
    tried: int = 0
    tried_at: datetime | None = None
    sent_at: datetime | None = None

    def is_given_up(self, now: datetime) -> bool:
        return bool(self.waiting) and now - self.since > GIVEN_UP_AFTER

    def is_due(self, now: datetime) -> bool:
        """Whether it is to be tried now. The wait doubles after each failure; after three days
        it is given up."""
        if not self.waiting or self.is_given_up(now):
            return False
        if self.tried_at is None:
            return True
        wait: timedelta = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(self.tried - 1, 9))
        return now - self.tried_at >= wait

    def after(self, got: Iterable[str], now: datetime) -> "Announced":
        """This alert once it has been tried, and these channels have got it."""
        reached = set(got)
        changes: dict[str, object] = {
            "waiting": tuple(name for name in self.waiting if name not in reached),
            "tried": self.tried + 1,
            "tried_at": now,
        }
        return self.model_copy(update=changes | ({"sent_at": now} if reached else {}))


class Content(BaseModel):
    """What the file has.

    announced: by the key of the alert.
    without_channel: the log has said that there is no channel.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    announced: dict[str, Announced] = {}
    without_channel: bool = False


# of homes whose file could not be written: a full disk is announced, and once per process
_unwritten: dict[Path, Content] = {}


class Memory:
    """What has been announced in one home. Every change is on disk before it returns, unless the
    disk refuses."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._content = _unwritten.get(self._path) or _read(self._path)

    @property
    def announced(self) -> dict[str, Announced]:
        return dict(self._content.announced)

    @property
    def without_channel(self) -> bool:
        return self._content.without_channel

    def say_without_channel(self, without: bool) -> None:
        """Store whether the log has said that there is no channel."""
        self._write(self._content.model_copy(update={"without_channel": without}))

    def learn(
        self, alerts: Sequence[Alert], kinds: set[str], channels: Sequence[str], now: datetime
    ) -> None:
        """Take in what is wrong now: an alert that is new waits for every channel; one whose
        condition is gone is forgotten, so that it is announced again if it comes back.

        kinds: those that were looked at; an alert of another kind stays.
        """
        standing = {alert.key for alert in alerts}
        kept = {
            key: self._of_channels(announced, channels)
            for key, announced in self._content.announced.items()
            if key in standing or key.partition("/")[0] not in kinds
        }
        new = {
            alert.key: Announced(title=alert.title, since=now, waiting=tuple(channels))
            for alert in alerts
            if alert.key not in kept
        }
        self._write(self._content.model_copy(update={"announced": kept | new}))

    def store(self, changed: dict[str, Announced]) -> None:
        """Replace what is known of some alerts."""
        announced = self._content.announced | changed
        self._write(self._content.model_copy(update={"announced": announced}))

    @staticmethod
    def _of_channels(announced: Announced, channels: Sequence[str]) -> Announced:
        """Without the channels that were removed from the settings meanwhile; one that nobody has
        got waits for those of now."""
        waiting = tuple(
            name for name in channels if announced.sent_at is None or name in announced.waiting
        )
        return announced.model_copy(update={"waiting": waiting})

    def _write(self, content: Content) -> None:
        if content == self._content:
            return
        self._content = content
        text = content.model_dump_json(indent=1) + "\n"
        try:
            replace(self._path, lambda path: path.write_text(text))
            _unwritten.pop(self._path, None)
        except OSError as error:
            _unwritten[self._path] = content
            log.warning("%s; until then another process may send an alert again", error)


@contextmanager
def memory_of(home: Path) -> Iterator[Memory | None]:
    """The memory of a home, which no other process can use meanwhile. None if another process is
    using it: what is wrong is then announced by that one, or the next time.

    The home itself is locked, which needs no room on a full disk.
    """
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(folder)
        yield None
        return
    try:
        yield Memory(home)
    finally:
        os.close(folder)


def _read(path: Path) -> Content:
    try:
        return Content.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Content()
    except (OSError, ValidationError):
        log.warning(
            "%s: found no readable list of announced alerts, expected what this project wrote; "
            "what is wrong now is announced again",
            path,
        )
        return Content()

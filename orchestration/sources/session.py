"""Sessions for requests to a publisher, whose headers must arrive within a time.

What belongs here: the one thing that `requests` does not limit by itself. `host` decides what is
requested.
"""

import socket
import threading
from contextlib import suppress
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager

from orchestration.settings import Limits


def new_session(limits: Limits) -> requests.Session:
    """A session whose requests are answered within the limits on time, headers included."""
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, _WithinTime(limits.download_seconds))
    return session


class _WithinTime(HTTPAdapter):
    """Sends requests whose headers must arrive within so many seconds. A timeout of `requests`
    is per packet, so that a header that drips in byte by byte would never be timed."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self._limit_time(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        self._limit_time(manager)
        return manager

    def _limit_time(self, manager: PoolManager) -> None:
        manager.pool_classes_by_scheme = {
            scheme: type(pool.__name__, (pool,), {"ConnectionCls": self._limited(pool)})
            for scheme, pool in (("http", HTTPConnectionPool), ("https", HTTPSConnectionPool))
        }

    def _limited(self, pool: type[HTTPConnectionPool]) -> type:
        seconds, connection = self._seconds, pool.ConnectionCls

        def getresponse(self: Any) -> Any:
            late = threading.Event()

            def give_up() -> None:
                late.set()
                if self.sock is not None:
                    with suppress(OSError):  # it has just ended
                        self.sock.shutdown(socket.SHUT_RDWR)

            timer = threading.Timer(seconds, give_up)
            timer.daemon = True
            timer.start()
            try:
                response = connection.getresponse(self)
            finally:
                timer.cancel()
            if late.is_set():  # the headers that had arrived look like all of them
                raise TimeoutError(f"no whole headers after {seconds:g} s")
            return response

        return type(connection.__name__, (connection,), {"getresponse": getresponse})

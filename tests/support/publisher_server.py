"""A publisher's site on a local TLS server, with pages in the shape of CBP's.

What belongs here: the listing page, the server, and Sites and datasets that point at it. Its
certificate is of an authority of these tests, which a client is given in REQUESTS_CA_BUNDLE.
"""

import ssl
import threading
from dataclasses import dataclass, field, replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

from orchestration.catalogue.dataset import Dataset, load_catalogue
from orchestration.settings import Limits
from orchestration.sources.candidate import Candidate
from orchestration.sources.host import Host
from orchestration.sources.session import new_session
from orchestration.sources.sites import Site

AREA = "cbp_nationwide_encounters_by_area"
CBP = "https://www.cbp.gov"
LISTING = "/document/stats/nationwide-encounters"
CLOSED = "/sites/default/files/assets/documents/2023-Nov/nationwide-encounters-fy20-fy23-aor.csv"
JULY = "/sites/default/files/2026-08/nationwide-encounters-fy23-fy26-jul-aor.csv"
AUGUST = "/sites/default/files/2026-09/nationwide-encounters-fy23-fy26-aug-aor_0.csv"
DICTIONARY = "/sites/default/files/2025-01/nationwide-encounters-data-dictionary.pdf"
CSV = b"Fiscal Year,Month (abbv),Encounter Count\r\n2026 (FYTD),AUG,1\r\n"
HTML = b"\xef\xbb\xbf \n<!DOCTYPE html><html>Access denied</html>"


def listing(links: list[str], dated: dict[str, str] | None = None) -> str:
    """Return a page with menus, a list of links and a table of attachments (month first)."""
    items = "".join(f'<li><a href="{link}">Nationwide Encounters</a></li>' for link in links)
    rows = "".join(
        f'<tr><td><a href="{link}"><span>attached</span></a></td><td>CSV</td>'
        f'<td data-sort-value="6730588">6.42 MB</td><td data-sort-value="{day}">{day}</td></tr>'
        for link, day in (dated or {}).items()
    )
    menu = '<nav><ul><li><a href="/">Home</a><li><a href="/newsroom/stats">Statistics</a></ul>'
    return (
        f"<!DOCTYPE html><html><head><title>Nationwide Encounters</title></head><body>{menu}"
        f"</nav><main><ul>{items}</ul><table><thead><tr><th>Attachment<th>Ext.<th>Size<th>Date"
        f"</tr></thead><tbody>{rows}</tbody></table></main><footer>{menu}</nav></footer>"
    )


@cache
def authority() -> trustme.CA:
    """The authority that signs the certificates of this process's servers."""
    return trustme.CA()


def trusted_authority(folder: Path) -> Path:
    """Write the authority's certificate to a file in a folder, for REQUESTS_CA_BUNDLE."""
    path = folder / "authority.pem"
    authority().cert_pem.write_to_path(str(path))
    return path


@dataclass
class Reply:
    """The server's response to a path.

    length: the announced Content-Length; -1: the body's; None: no header.
    seconds: if not 0, send the body byte by byte over this time.
    header_seconds: if not 0, send one more header byte by byte over this time, before the others.
    endless: send the body again and again, until the client has enough.
    before: the replies to the first requests, one each.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = -1
    seconds: float = 0.0
    header_seconds: float = 0.0
    hang_up: bool = False
    endless: bool = False
    before: list["Reply"] = field(default_factory=list)


class Publisher:
    """A publisher's site on a local server.

    requests: the path and the headers of each request.
    connections: the client's port of each request.
    """

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {"/": Reply(b"<html>Home</html>")}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.connections: list[int] = []
        self.closing = threading.Event()
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                publisher.requests.append((self.path, dict(self.headers)))
                publisher.connections.append(self.client_address[1])
                publisher.answer(self, publisher.reply_to(self.path))

            def log_message(self, format: str, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # some tests have a client that disconnects midway

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority().issue_cert("127.0.0.1", "localhost").configure_cert(context)
        # each handshake is left to the thread of its connection
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()
        self.url = f"https://127.0.0.1:{self.server.server_port}"

    def reply_to(self, path: str) -> Reply:
        reply = self.replies.get(path, Reply(status=404))
        return reply.before.pop(0) if reply.before else reply

    def answer(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        handler.close_connection = reply.hang_up or reply.length != -1
        if reply.hang_up:
            return
        etag = reply.headers.get("ETag")
        unchanged = etag is not None and handler.headers.get("If-None-Match") == etag
        body = b"" if unchanged else reply.body
        handler.send_response(304 if unchanged else reply.status)
        if reply.header_seconds:
            handler.flush_headers()
            try:
                for _ in range(200):
                    handler.wfile.write(b"x")
                    self.closing.wait(reply.header_seconds / 200)
                handler.wfile.write(b": y\r\n")
            except OSError:
                handler.close_connection = True
                return
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        if reply.length is not None:
            length = len(body) if reply.length == -1 else reply.length
            handler.send_header("Content-Length", str(length))
        handler.end_headers()
        try:
            self.send_body(handler, reply, body)
        except OSError:
            handler.close_connection = True

    def send_body(self, handler: BaseHTTPRequestHandler, reply: Reply, body: bytes) -> None:
        if not reply.seconds:
            handler.wfile.write(body)
        for at in range(len(body)) if reply.seconds else ():
            handler.wfile.write(body[at : at + 1])
            self.closing.wait(reply.seconds / len(body))
        while reply.endless and not self.closing.is_set():
            handler.wfile.write(body)

    def close(self) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def list_files(self, *paths: str, **reply: Any) -> None:
        """List these files, newest first, and serve each."""
        self.replies[LISTING] = Reply(listing(list(paths)).encode())
        for path in paths:
            self.replies[path] = replace(Reply(CSV + path.encode()), **reply)

    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]

    def headers_for(self, path: str) -> list[dict[str, str]]:
        return [headers for requested, headers in self.requests if requested == path]


def dataset(url: str = CBP, **changes: Any) -> Dataset:
    return load_catalogue()[AREA].model_copy(update={"landing_page": url + LISTING, **changes})


def site_of(publisher: Publisher, tmp_path: Path, **limits: Any) -> Site:
    """A Site as of one fetch, which may ask without pauses."""
    return site_at(host_of(publisher.url, **limits), tmp_path, dataset(publisher.url), **limits)


def site_at(host: Host, tmp_path: Path, of: Dataset, **limits: Any) -> Site:
    return Site(of, Limits(**limits), tmp_path / "memory.json", host)


def host_of(url: str, pause: float = 0, **limits: Any) -> Host:
    bounds = Limits(**limits)
    return Host(url, bounds, new_session(bounds), pause)


def take_all(site: Site, tmp_path: Path) -> list[Candidate]:
    """Return the candidates of one walk, each of them remembered."""
    candidates = []
    for candidate in site.new_candidates(tmp_path / "incoming"):
        site.remember(candidate)
        candidates.append(candidate)
    return candidates


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def failures_of(site: Site) -> list[str]:
    return [str(failure) for failure in site.failures]

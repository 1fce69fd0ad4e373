"""The three agencies' sites on local servers, with pages and files in the shape of theirs.

What belongs here: what each has posted, and a catalogue whose landing pages lead to them.
"""

import hashlib
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from orchestration.catalogue.dataset import Dataset, load_catalogue
from tests.support.cbp_files import BY_AREA, BY_STATE, SOUTHWEST, made
from tests.support.publisher_server import Publisher, Reply, listing
from tests.support.workbooks import (
    DETENTION,
    KEY_METRICS,
    METRICS_NAME,
    MONTHLY_TABLES,
    MadeWorkbook,
    detention,
    footnotes,
    key_metrics,
    monthly_tables,
    repatriations,
)

POSTED = "/sites/default/files"
TABLES = "ohss_immigration-enforcement-and-legal-processes-tables-november-2023"
CLOSED_AREA = f"{POSTED}/assets/documents/2022-Oct/nationwide-encounters-fy20-fy22-aor.csv"
CLOSED_STATE = CLOSED_AREA.replace("aor", "state")
OCTOBER_AREA = f"{POSTED}/2023-11/nationwide-encounters-fy21-fy24-oct-aor.csv"
OCTOBER_STATE = OCTOBER_AREA.replace("aor", "state")
NOVEMBER_AREA = f"{POSTED}/2023-12/nationwide-encounters-fy21-fy24-nov-aor.csv"
CLOSED_SOUTHWEST = f"{POSTED}/assets/documents/2022-Oct/sbo-encounters-fy20-fy22.csv"
OCTOBER_SOUTHWEST = f"{POSTED}/2023-11/sbo-encounters-fy21-fy24-oct.csv"
TABLES_FIRST = f"{POSTED}/2024-02/24-0209_{TABLES}.xlsx"
TABLES_SECOND = f"{POSTED}/2024-03/2024_0301_{TABLES}_2.xlsx"
METRICS = f"{POSTED}/2023-12/{METRICS_NAME}".replace(" ", "%20")
DETENTION_FIRST = "/doclib/detention/FY24_detentionStats.xlsx"
DETENTION_SECOND = "/doclib/detention/FY24_detentionStats_01152025.xlsx"
DATASETS = (BY_AREA, BY_STATE, SOUTHWEST, MONTHLY_TABLES, KEY_METRICS, DETENTION)


@dataclass
class Agencies:
    """cbp, ohss, ice: their servers. posted: by page, what each path on it holds, oldest first,
    with the day in the table of attachments, which only CBP has."""

    cbp: Publisher = field(default_factory=Publisher)
    ohss: Publisher = field(default_factory=Publisher)
    ice: Publisher = field(default_factory=Publisher)
    posted: dict[str, dict[str, str | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Post a first fill: two vintages of each of CBP's files, with the dictionary, which is no
        release, between them; OHSS's tables under names of both forms; two of ICE's workbooks."""
        closed, october = ("2019-10", "2022-09"), ("2020-10", "2023-10")
        self.post(BY_AREA, CLOSED_AREA, made(BY_AREA, *closed).bytes())
        self.post(BY_STATE, CLOSED_STATE, made(BY_STATE, *closed).bytes())
        self.post(BY_AREA, f"{POSTED}/2023-01/nationwide-encounters-data-dictionary.pdf", b"%PDF")
        self.post(BY_AREA, OCTOBER_AREA, made(BY_AREA, *october).bytes(), "11/14/2023")
        self.post(BY_STATE, OCTOBER_STATE, made(BY_STATE, *october).bytes(), "11/14/2023")
        self.post(SOUTHWEST, CLOSED_SOUTHWEST, made(SOUTHWEST, *closed).bytes())
        self.post(SOUTHWEST, OCTOBER_SOUTHWEST, made(SOUTHWEST, *october).bytes(), "11/14/2023")
        self.post(MONTHLY_TABLES, TABLES_FIRST, monthly_tables().bytes())
        again = repatriations().with_figures(lambda figure: figure + 10)
        self.post(
            MONTHLY_TABLES,
            TABLES_SECOND,
            monthly_tables().changed(again.name, lambda _: again).bytes(),
        )
        self.post(KEY_METRICS, METRICS, key_metrics().bytes())
        for path, people in ((DETENTION_FIRST, 271_484), (DETENTION_SECOND, 271_490)):
            workbook = MadeWorkbook((detention(total=people), footnotes()))
            self.post(DETENTION, path, workbook.bytes())

    @property
    def servers(self) -> tuple[Publisher, ...]:
        return self.cbp, self.ohss, self.ice

    def catalogue(self) -> dict[str, Dataset]:
        """The project's catalogue, with the landing pages of these servers."""
        return {
            name: dataset.model_copy(
                update={"landing_page": self.server_of(name).url + page_of(name)}
            )
            for name, dataset in load_catalogue().items()
        }

    def server_of(self, dataset: str) -> Publisher:
        return {"cbp": self.cbp, "ohss": self.ohss}.get(dataset.split("_")[0], self.ice)

    def post(self, dataset: str, path: str, content: bytes, day: str | None = None) -> None:
        """Post a file, or other bytes under the path of one. All are as old by Last-Modified, which
        only counts for a file without another date."""
        modified = "Tue, 15 Oct 2024 12:00:00 GMT"
        etag = f'"{hashlib.sha256(content).hexdigest()[:12]}"'
        headers = {"ETag": etag, "Last-Modified": modified}
        self.server_of(dataset).replies[path] = Reply(content, headers=headers)
        self.posted.setdefault(page_of(dataset), {})[path] = day
        self._show(dataset)

    def take_off(self, dataset: str, *paths: str) -> None:
        """Take files off a page."""
        for path in paths:
            del self.posted[page_of(dataset)][path]
        self._show(dataset)

    def _show(self, dataset: str) -> None:
        server, files = self.server_of(dataset), self.posted[page_of(dataset)]
        newest_first = list(reversed(files))
        if server is self.ice:  # which links with the host
            newest_first = [server.url + path for path in newest_first]
        dated = {path: day for path, day in files.items() if day is not None}
        server.replies[page_of(dataset)] = Reply(listing(newest_first, dated).encode())

    def requests(self) -> list[tuple[str, dict[str, str]]]:
        """The requests to all servers since the last call, one server after the other."""
        asked = [request for server in self.servers for request in server.requests]
        for server in self.servers:
            server.requests.clear()
        return asked

    def close(self) -> None:
        for server in self.servers:
            server.close()


def page_of(dataset: str) -> str:
    return urlsplit(load_catalogue()[dataset].landing_page).path

"""The promises of docs/security.md that no other test covers."""

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.builds.sql import identifier, literal
from orchestration.catalogue.dataset import load_catalogue
from tests.conftest import PROJECT

HOSTILE = ['a"b', "a'b", "a; drop table t; --", "a\nb", '"', "'", "", "ünï", "select", "a.b"]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_names_and_texts_are_quoted_whatever_they_contain(text: str) -> None:
    with duckdb.connect() as connection:
        name = identifier(text or "empty")
        connection.execute(f"create table t as select {literal(text)} as {name}")
        found = connection.execute(f"select {name} from t")
        assert [column[0] for column in found.description or []] == [text or "empty"]
        assert found.fetchall() == [(text,)]


def test_a_proxys_password_is_not_printed_or_written(tmp_path: Path) -> None:
    proxy = "http://somebody:correct-horse@127.0.0.1:1"
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "fetch", "cbp_southwest_encounters"],
        cwd=PROJECT,
        env={
            **{name: text for name, text in os.environ.items() if name.lower() != "no_proxy"},
            **dict.fromkeys(("HTTPS_PROXY", "https_proxy"), proxy),
            "BORDERLEDGER_HOME": str(tmp_path),
            "BORDERLEDGER_OFFLINE": "0",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0
    assert "unreachable" in done.stdout
    written = [path.read_text(errors="replace") for path in files(tmp_path)]
    texts = [done.stdout, done.stderr, *written]
    assert not [text for text in texts if "correct-horse" in text]


def test_the_lock_file_has_versions_and_hashes_but_no_addresses() -> None:
    text = (PROJECT / "requirements.lock").read_text()
    requirements = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line, re.I)]
    assert len(requirements) > 50
    assert not [line for line in requirements if "==" not in line or not line.endswith("\\")]
    assert text.count("--hash=sha256:") >= len(requirements)
    assert "://" not in text
    assert "--index" not in text


def test_every_publisher_is_contacted_over_tls() -> None:
    assert all(d.landing_page.startswith("https://") for d in load_catalogue().values())


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]

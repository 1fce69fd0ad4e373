"""What a session on a lake needs: extensions of installed packages, secrets from the environment,
and rights in PostgreSQL; and errors that say what is missing, without a secret."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest
import requests

from orchestration.lake.connection import LakeError, connected
from orchestration.lake.publication import publish
from orchestration.settings import ConfigurationError, Lake, Settings
from tests.support.lakes import Reader, Server, lake_build, name_of

NOWHERE = Lake("postgres:dbname=lake host=127.0.0.1 port=1 user=borderledger", "/")
SECRET, WRONG = "open sesame", "close sesame"
# another process, as a reader on another machine is
READ = """
import sys
from orchestration.lake.connection import connected
from orchestration.settings import Lake
with connected(Lake(*sys.argv[1:]), to_write=False) as connection:
    print(connection.execute("select count(*) from lake.main.doubled").fetchall())
"""


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket on a server of the tests that speaks S3, without TLS, and its variables."""
    if find_spec("moto") is None or find_spec("duckdb_extension_httpfs") is None:
        pytest.skip("needs moto and the extra lake, found not both")
    from moto.server import ThreadedMotoServer  # seconds

    storage = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    storage.start()
    host, port = storage.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    assert requests.put(f"{endpoint}/border", timeout=60).ok
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "borderledger")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    yield "s3://border/lake"
    storage.stop()


def test_data_in_buckets_are_read_by_another_process(
    lake_server: Server, home: Settings, bucket: str
) -> None:
    lake = Lake(lake_server.catalogue(), bucket)
    publish(lake_build(home, "run-1---", 3), lake)
    words = [sys.executable, "-c", READ, lake.catalogue, lake.data]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout == "[(3,)]\n", done.stderr
    newer = lake_build(home, "run-2---", 5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")  # as if it were down
        with pytest.raises(LakeError, match="Could not connect") as failed:
            publish(newer, lake)
    assert SECRET not in str(failed.value)
    assert publish(newer, lake).kept == 3, "what was written before is as it was"


@pytest.mark.parametrize("endpoint", ["storage:9000", "https://", "http://me:sesame@storage"])
def test_the_address_of_the_storage_is_a_url_without_a_password(
    endpoint: str, lake_server: Server, lake_reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    lake = Lake(lake_server.catalogue(), "s3://border/lake")
    with pytest.raises(ConfigurationError, match="expected http://HOST:PORT") as refused:
        lake_reader.ask(lake, "select 1")
    assert "sesame" not in str(refused.value)


def test_nothing_is_downloaded_or_read_from_the_users_own_folder(
    lake_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "data").mkdir()
    with connected(Lake(lake_server.catalogue(), str(tmp_path / "data")), to_write=True) as session:
        assert session.execute("from duckdb_secrets()").fetchall() == []
        with pytest.raises(duckdb.Error, match="spatial"):
            session.execute("load spatial")
        loaded = session.execute(
            "select extension_name from duckdb_extensions()"
            " where loaded and install_mode <> 'STATICALLY_LINKED' order by all"
        ).fetchall()
    assert loaded == [("ducklake",), ("postgres_scanner",)], "of packages, and no more than needed"
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_an_extension_must_be_of_this_very_version_of_duckdb(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(duckdb, "__version__", "1.5.99")
    message = r"found no extension postgres_scanner of DuckDB 1\.5\.99; .* its extra `lake`"
    with pytest.raises(ConfigurationError, match=message), connected(NOWHERE, to_write=False):
        pass


def test_a_server_that_is_down_is_named_without_the_password(
    lake_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", SECRET)
    with pytest.raises(LakeError) as failed, connected(NOWHERE, to_write=False):
        pass
    assert str(failed.value).startswith(
        f'the lake at {NOWHERE.catalogue}: connection to server at "127.0.0.1", port 1 failed'
    )
    assert SECRET not in str(failed.value)


def test_the_password_comes_from_the_environment(
    lake_server: Server, new_lake: Callable[[], Lake], monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = new_lake()
    lake_server.execute(name_of(lake), f"create role careful login password '{SECRET}'")
    lake_server.require_password("careful")
    careful = Lake(lake.catalogue.replace("user=dagster", "user=careful"), lake.data)
    lake_server.execute(name_of(lake), "grant all on schema public to careful")
    monkeypatch.setenv("PGPASSWORD", WRONG)
    with (
        pytest.raises(LakeError, match="password authentication failed") as failed,
        connected(careful, to_write=True),
    ):
        pass
    assert WRONG not in str(failed.value)
    monkeypatch.setenv("PGPASSWORD", SECRET)
    with connected(careful, to_write=True) as session:
        assert session.execute("select count(*) from lake.snapshots()").fetchall() == [(1,)]


def test_who_may_only_read_the_catalogue_reads_the_lake_and_changes_nothing(
    lake_server: Server, new_lake: Callable[[], Lake], home: Settings, lake_reader: Reader
) -> None:
    lake = new_lake()
    publish(lake_build(home, "run-3---", 3), lake)
    lake_server.execute(
        name_of(lake),
        "create role analyst login",
        "grant select on all tables in schema public to analyst",
    )
    analyst = Lake(lake.catalogue.replace("user=dagster", "user=analyst"), lake.data)
    newer = lake_build(home, "run-4---", 5)
    with pytest.raises(LakeError, match="permission denied"):
        publish(newer, analyst)
    assert lake_reader.ask(analyst, "select count(*) from t") == [(3,)]
    publish(newer, lake)
    assert lake_reader.ask(analyst, "select count(*) from t") == [(5,)], "without a further grant"

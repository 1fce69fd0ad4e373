"""What holds for all readers together."""

import inspect
from pathlib import Path
from typing import get_args

import pytest

from orchestration import readers
from orchestration.catalogue import dataset
from orchestration.readers import (
    READERS,
    SHARED_MODULES,
    ReadError,
    cbp_encounters,
    reader_version,
)
from tests.support.cbp_files import SOUTHWEST, Made
from tests.support.parsing import read


def test_a_panic_in_a_parser_refuses_the_file(plain: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        """As parsers written in Rust raise it: not an Exception."""

    def panics(*_: object) -> None:
        raise PanicException("index out of bounds")

    monkeypatch.setattr(cbp_encounters, "read", panics)
    with pytest.raises(ReadError, match="found bytes that crash the parser: index out of bounds"):
        read(plain.bytes())


def test_every_reader_of_the_catalogue_has_a_module() -> None:
    assert set(READERS) == set(get_args(dataset.Reader))


def test_the_version_covers_every_module_that_rows_depend_on() -> None:
    """A module left out would leave old rows in the archive after a change to it."""
    covered = {*map(inspect.getfile, SHARED_MODULES)}
    covered |= {inspect.getfile(reader.read) for reader in READERS.values()}
    folder = Path(inspect.getfile(readers)).parent
    assert covered >= {str(path) for path in folder.glob("*.py") if path.name != "__init__.py"}


def test_no_release_is_read_again_when_its_dataset_is_overdue_later() -> None:
    southwest = dataset.load_catalogue()[SOUTHWEST]
    later = southwest.model_copy(update={"overdue_days": 400})
    assert reader_version(later) == reader_version(southwest)

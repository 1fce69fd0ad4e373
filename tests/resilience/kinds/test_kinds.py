"""The kinds of faults in short form: one instance of each, on a transcription that the project
carries. `make faults` draws them anew each time, on every dataset and on the agencies' own files.
"""

from itertools import chain
from pathlib import Path
from random import Random

import pytest

from tests.resilience.kinds.kind import Kind
from tests.resilience.kinds.kinds import KINDS
from tests.resilience.kinds.published import after
from tests.resilience.kinds.score import TRANSCRIBED, Files, inflict_kinds
from tests.resilience.kinds.trial import Bench, instances

FILES = Files(real=())
SEED = "one that does not change"
# no transcription has citizenships; the catalogue of faults has these three
WITH_CITIZENSHIPS = {
    "subtotals among the citizenships",
    "country in two spellings",
    "nothing in place of a country",
}
FITTING = [kind for kind in KINDS if kind.name not in WITH_CITIZENSHIPS]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("kinds"))


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.name) for kind in FITTING])
def test_an_instance_of_each_kind_is_stopped(kind: Kind, bench: Bench) -> None:
    files = filter(None, map(FILES.published, TRANSCRIBED))
    drawn = (instances(kind, file, Random(f"{SEED} {kind.name}"), 1, bench) for file in files)
    found = next(chain.from_iterable(drawn))  # on the first transcription that it can hit
    assert found.is_stopped, found


def test_what_is_not_altered_is_not_stopped(bench: Bench) -> None:
    file = FILES.published("cbp_southwest_summary")
    assert file is not None
    for month in file.months[10:13]:
        new = f"{after(month)}-01"
        before, later = file.through(month).on(after(new, 0)), file.through(new).on(after(new, 1))
        assert bench.outcome(before, later).outcome == "archived"


def test_the_same_seed_draws_the_same_instances(tmp_path: Path) -> None:
    drawn = [
        [(one.dataset, one.about) for one in inflict_kinds(FILES, SEED, 1, folder, "month gone")]
        for folder in (tmp_path / "one", tmp_path / "other")
    ]
    assert drawn[0] == drawn[1]
    assert [dataset for dataset, _ in drawn[0]] == list(TRANSCRIBED)

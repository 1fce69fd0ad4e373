"""Corrections: `corrections.yaml` is validated when it is read."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.catalogue.corrections import load_corrections
from orchestration.settings import ConfigurationError
from tests.support.cbp_files import SOUTHWEST

WRITTEN = {
    "name": "wrong-cell",
    "dataset": SOUTHWEST,
    "cells": {"month": "2024-03"},
    "expects": 5,
    "use": 4,
    "reason": "the figure is wrong",
    "source": "https://www.cbp.gov",
    "since": date(2025, 1, 1),
}


class TestTheFile:
    """corrections.yaml is validated when it is read."""

    def write(self, folder: Path, *entries: dict[str, Any]) -> Path:
        path = folder / "corrections.yaml"
        path.write_text(yaml.safe_dump(list(entries)), encoding="utf-8")
        return path

    def test_of_the_project_is_valid(self) -> None:
        assert all(correction.reason for correction in load_corrections())

    def test_is_read_entry_by_entry(self, tmp_path: Path) -> None:
        [read] = load_corrections(self.write(tmp_path, WRITTEN))
        assert (read.name, read.figure, read.since) == (
            "wrong-cell",
            "encounters",
            date(2025, 1, 1),
        )

    def test_may_be_empty(self, tmp_path: Path) -> None:
        path = tmp_path / "corrections.yaml"
        path.write_text("# no corrections\n", encoding="utf-8")
        assert load_corrections(path) == ()

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"name": "Two Words"}, r"0\.name"),
            ({"cells": {}}, r"0\.cells"),
            ({"cells": {"month": "2024-03", "fiscal_year": 2024}}, r"0\.cells\.fiscal_year"),
            ({"expects": "many"}, r"0\.expects"),
            ({"use": -1}, r"0\.use"),
            ({"reason": ""}, r"0\.reason"),
            ({"source": None}, r"0\.source"),
            ({"since": "soon"}, r"0\.since"),
            ({"colour": "red"}, r"0\.colour"),
            ({"leave_out": True}, "wrong-cell: expected either use or leave_out"),
            ({"use": None}, "wrong-cell: expected either use or leave_out"),
            ({"replaces": "8.470"}, "wrong-cell: expected either expects or replaces"),
            ({"expects": None}, "wrong-cell: expected either expects or replaces"),
            (
                {"expects": None, "replaces": "x", "use": None, "leave_out": True},
                "wrong-cell: found replaces without use, expected the figure",
            ),
            ({"dataset": "cbp_north"}, "wrong-cell: found no dataset 'cbp_north'"),
            ({"cells": {"sector": "x"}}, r"wrong-cell: found cells \['sector'\], which"),
            ({"cells": {"month": "2024-3"}}, "wrong-cell: found month '2024-3', expected a month"),
            ({"cells": {"month": "March 2024"}}, "found month 'March 2024'"),
            (
                {"cells": {"component": "Border Patrl"}},
                "wrong-cell: found component 'Border Patrl', expected .* a label of the vocabulary",
            ),
            (
                {"column": "rows"},
                r"wrong-cell: found column 'rows', expected one of \['encounters'\]",
            ),
            (
                {"dataset": "cbp_at_large_split"},
                r"wrong-cell: expected column, one of \['total', 'at_large', 'at_entry'\]",
            ),
        ],
    )
    def test_with_an_error_is_refused_by_its_field(
        self, tmp_path: Path, changes: dict[str, Any], message: str
    ) -> None:
        path = self.write(tmp_path, WRITTEN | changes)
        with pytest.raises(ConfigurationError, match=rf"(?s)^corrections\.yaml: .*{message}"):
            load_corrections(path)

    def test_names_each_correction_once(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, WRITTEN, WRITTEN)
        with pytest.raises(ConfigurationError, match=r"found \['wrong-cell'\] twice"):
            load_corrections(path)

    def test_that_is_not_yaml_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "corrections.yaml"
        path.write_text("- name: [", encoding="utf-8")
        with pytest.raises(ConfigurationError, match=r"corrections\.yaml: while parsing"):
            load_corrections(path)

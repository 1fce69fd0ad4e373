"""A module that is imported only once something in it is used."""

import os

import pytest

from orchestration.quick_imports import import_when_used
from tests.conftest import start_python

# of modules that nothing else imports
PROGRAM = """
import sys
from orchestration.quick_imports import import_when_used
import_when_used("wsgiref", "simple_server")
from wsgiref import simple_server
before = "http.server" in sys.modules
assert simple_server.WSGIServer.__name__ == "WSGIServer"
print(before, "http.server" in sys.modules)
import_when_used("wsgiref", "simple_server")
assert sys.modules["wsgiref.simple_server"] is simple_server
"""


def test_a_module_is_loaded_when_it_is_used() -> None:
    done = start_python(["-c", PROGRAM], os.environ)
    assert done.stdout.split() == ["False", "True"], done.stderr


def test_a_module_that_is_not_there_is_named() -> None:
    with pytest.raises(ImportError, match=r"found no module wsgiref\.nothing"):
        import_when_used("wsgiref", "nothing")

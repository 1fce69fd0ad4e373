"""Modules that are imported only once something in them is used, or count as not installed."""

import importlib
import os
import sys
from importlib.util import find_spec

import pytest

from orchestration.quick_imports import absent, import_when_used
from tests.conftest import start_python

# of modules that nothing else imports
PROGRAM = """
import inspect, sys
from orchestration.quick_imports import import_when_used
import_when_used("wsgiref.simple_server")
from wsgiref import simple_server
inspect.stack()
before = "http.server" in sys.modules
assert simple_server.WSGIServer.__name__ == "WSGIServer"
print(before, "http.server" in sys.modules)
loaded = sys.modules["wsgiref.simple_server"]
import_when_used("wsgiref.simple_server")
assert sys.modules["wsgiref.simple_server"] is loaded is not simple_server
assert simple_server.WSGIServer is loaded.WSGIServer
"""


def test_a_module_is_loaded_when_it_is_used() -> None:
    done = start_python(["-c", PROGRAM], os.environ)
    assert done.stdout.split() == ["False", "True"], done.stderr


def test_what_is_in_a_package_is_found_in_it() -> None:
    program = """
from orchestration.quick_imports import import_when_used
import_when_used("xml.sax")
import xml.sax.handler
print(xml.sax.handler.ContentHandler.__name__, xml.sax.make_parser.__name__)
"""
    done = start_python(["-c", program], os.environ)
    assert done.stdout.split() == ["ContentHandler", "make_parser"], done.stderr


def test_a_module_that_is_not_there_is_named() -> None:
    with pytest.raises(ImportError, match=r"found no module wsgiref\.nothing"):
        import_when_used("wsgiref.nothing")


def test_what_is_absent_can_be_imported_afterwards() -> None:
    with absent("this"), pytest.raises(ImportError, match="this"):
        importlib.import_module("this")
    assert find_spec("this")


def test_what_is_loaded_stays_where_it_is() -> None:
    with absent("importlib"):
        assert importlib.import_module("importlib") is importlib
    assert sys.modules["importlib"] is importlib

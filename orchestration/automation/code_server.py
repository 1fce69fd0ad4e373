"""Questions to a code server, which starts the processes of the runs that the daemon launches.

What belongs here: what we ask one over gRPC, by what Dagster has written down about it: the tag of
a run that it started, or the socket where it listens.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._grpc.client import DagsterGrpcClient


def code_server_answers(tags: Mapping[str, str]) -> bool:
    """Whether the code server that was asked to start the run with these tags is there. It notices
    by itself when the process of one of its runs ends."""
    if GRPC_INFO_TAG not in tags:
        return False
    try:
        _client(json.loads(tags[GRPC_INFO_TAG])).ping("")
    except DagsterUserCodeUnreachableError:
        return False
    return True


def is_ready(socket: Path) -> bool:
    """Whether the code server at this socket answers, which it does once it has loaded the code
    location, or has failed to."""
    try:
        DagsterGrpcClient(socket=str(socket)).get_server_id()
    except DagsterUserCodeUnreachableError:
        return False
    return True


def shut_down_code_server(socket: Path) -> bool:
    """Ask the code server at this socket to end as soon as its runs have ended. Returns False if
    it does not answer."""
    try:
        DagsterGrpcClient(socket=str(socket)).shutdown_server()
    except DagsterUserCodeUnreachableError:
        return False
    return True


def _client(where: Mapping[str, Any]) -> DagsterGrpcClient:
    return DagsterGrpcClient(host=where["host"], port=where.get("port"), socket=where.get("socket"))

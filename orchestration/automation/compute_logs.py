"""What steps print, as Dagster's UI shows it: files below Dagster's home.

What belongs here: how the processes that pass this output on are started; the rest is Dagster's.
`dagster.yaml` names `ComputeLogs`.
"""

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Self

from dagster import StringSource
from dagster._core.storage.compute_log_manager import CapturedLogContext
from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager
from dagster._serdes import ConfigurableClassData


class ComputeLogs(LocalComputeLogManager):
    """Dagster's own, in Dagster's usual folder, except that Ctrl+C does not reach the processes
    that it starts for each step. They end with the step; the signal would have each of them print
    a traceback before.

    home: Dagster's.
    """

    def __init__(self, home: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(os.path.join(home, "storage"), inst_data=inst_data)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        return {"home": StringSource}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> Self:
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def capture_logs(self, log_key: Sequence[str]) -> Iterator[CapturedLogContext]:
        with ExitStack() as capture:
            before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
            try:  # processes inherit what is blocked; in this one it arrives afterwards
                context = capture.enter_context(super().capture_logs(log_key))
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
            yield context

"""The command's subcommands, and one line for every expected error.

Exit codes: 0 success, 1 a gate refused the run, 2 usage or configuration, 3 any other failure.
"""

import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

import click

from orchestration.assets.dbt_project import DbtError
from orchestration.builds.backup import BackupError
from orchestration.builds.lock import Busy
from orchestration.builds.publishing import PublishError
from orchestration.cli import (
    alerts,
    builds,
    claims,
    exports,
    fill,
    lake,
    operations,
    releases,
    results,
    runs,
    sql,
    status,
)
from orchestration.cli.interruption import is_for_a_signal
from orchestration.cli.options import FAILED, GATE_REFUSED, USAGE, settings_with
from orchestration.cli.output import warn, wrap_log
from orchestration.cli.streams import OutputClosed, OutputError, flush_streams, let_go_of_streams
from orchestration.durable import WriteError, write_failure
from orchestration.lake.connection import LakeError
from orchestration.releases.archive import ArchiveError
from orchestration.review.corrections import CorrectionError
from orchestration.settings import ConfigurationError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """US border figures from the agencies' own releases, as one DuckDB file."""


for command in (
    runs.nightly,
    runs.rebuild,
    status.status,
    runs.ui,
    releases.fetch,
    releases.add,
    releases.releases,
    releases.accept,
    releases.refuse,
    releases.withdraw,
    releases.reinstate,
    releases.redate,
    results.gates,
    results.claims,
    claims.check,
    claims.measures,
    builds.builds,
    builds.diff,
    builds.rollback,
    builds.verify,
    exports.export,
    fill.fill,
    fill.scheduler,
    fill.worker,
    lake.lake,
    sql.sql,
    operations.backup,
    operations.restore,
    operations.clean,
    alerts.alerts,
):
    cli.add_command(command)


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a subcommand and exit. An expected error is printed as one line, not as a traceback.
    Raises KeyboardInterrupt if a signal asked the process to end."""
    wrap_log()
    try:
        code = cli.main(arguments, prog_name="borderledger", standalone_mode=False) or 0
        flush_streams()
        sys.exit(code)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        with suppress(OutputError):
            error.show()
        sys.exit(USAGE)
    except ConfigurationError as error:
        _fail(error, USAGE)
    except CorrectionError as error:
        _fail(error, GATE_REFUSED)
    except (
        ArchiveError,
        BackupError,
        Busy,
        DbtError,
        LakeError,
        OutputError,
        PublishError,
        WriteError,
    ) as error:
        _fail(error, FAILED)
    except click.Abort:
        raise KeyboardInterrupt from None  # click has turned it into its own
    except Exception as error:
        if is_for_a_signal(error):
            raise KeyboardInterrupt from error
        _fail_unexpectedly(error)
    finally:
        let_go_of_streams()


def _fail_unexpectedly(error: Exception) -> NoReturn:
    """Report a library's error: one line if the disk or the system is to blame, else with its
    traceback."""
    message = write_failure(str(error), settings_with().home)
    if message is None and not isinstance(error, OSError):
        traceback.print_exception(error)
        message = f"an unexpected error: {type(error).__name__}: {error}"
    _fail(message or error, FAILED)


def _fail(error: BaseException | str, code: int) -> NoReturn:
    """Print why the command failed, and exit: quietly if nobody reads it any more."""
    if not isinstance(error, OutputClosed):
        with suppress(OutputError):
            warn(f"borderledger: {error}")
    sys.exit(code)

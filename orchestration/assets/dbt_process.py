"""dbt as a process that ends when the one that started it is gone.

A run that is killed cannot end its dbt, which would go on writing in a build that the next run
removes. Run as a script: the modules of this project are not on its path.
"""

import os
import sys
import threading
import time

CHECK_SECONDS = 0.1


def end_with(parent: int) -> None:
    """End this process as soon as its parent is not the one with this number."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(CHECK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    end_with(int(os.environ["BORDERLEDGER_RUN_PROCESS"]))
    from dbt.cli.main import cli  # takes seconds

    sys.exit(cli())

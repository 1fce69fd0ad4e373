"""The steps of the latest run in a home, from Dagster's instance.

    python -m benchmarks.steps HOME

prints JSON: name, start and end of each step, in the order in which they started. It runs in its
own process because Dagster takes seconds to import.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Step:
    """A step of a run. started_at and ended_at: seconds since the epoch."""

    name: str
    started_at: float
    ended_at: float

    @property
    def seconds(self) -> float:
        return self.ended_at - self.started_at


def main() -> None:
    os.environ["DAGSTER_HOME"] = os.path.join(sys.argv[1], "dagster")
    import dagster as dg

    with dg.DagsterInstance.get() as instance:
        run = instance.get_run_records(limit=1)[0].dagster_run
        found = [
            Step(stats.step_key, stats.start_time, stats.end_time)
            for stats in instance.get_run_step_stats(run.run_id)
            if stats.start_time is not None and stats.end_time is not None
        ]
    in_order = sorted(found, key=lambda step: step.started_at)
    json.dump([asdict(step) for step in in_order], sys.stdout)


if __name__ == "__main__":
    main()

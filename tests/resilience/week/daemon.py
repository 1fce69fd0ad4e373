"""What Dagster's daemon does about alerts every minute, once: it fails runs whose process is gone,
and ticks the sensor `alerts`. Run by `at.py`, in the environment of a night."""

import dagster as dg

from orchestration.automation.dead_runs import ACTIVE
from orchestration.automation.instance import prepare_dagster_home
from orchestration.automation.sensors import sensors
from orchestration.settings import Settings


def main() -> None:
    settings = Settings.from_environment()
    prepare_dagster_home(settings)
    with dg.DagsterInstance.get() as instance:
        for run in instance.get_runs(dg.RunsFilter(statuses=ACTIVE)):
            print(instance.run_launcher.check_run_worker_health(run))
        [alerts] = [made for made in sensors(settings).sensors or () if made.name == "alerts"]
        assert isinstance(alerts, dg.SensorDefinition)
        print(alerts.evaluate_tick(dg.build_sensor_context(instance=instance)).skip_message)


if __name__ == "__main__":
    main()

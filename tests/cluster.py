"""A Spark cluster of this machine, for as long as its tests run: a master, two workers, Connect."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
START_SECONDS = 90
HOST = "127.0.0.1"
NO_JAVA = "no Java 17 on this machine: apt-get install openjdk-17-jre-headless"


def java_home() -> Path | None:
    """Where Java 17 lies, whatever other Java there is."""
    told = Path(os.environ.get("JAVA_HOME", "/nowhere"))
    homes = [told] if "17" in told.name else []
    homes += sorted(Path("/usr/lib/jvm").glob("*17*"))
    return next((home for home in homes if (home / "bin" / "java").exists()), None)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])


@contextmanager
def _running(environment: dict[str, str], *command: str) -> Iterator[None]:
    """A part of the cluster, which ends with the block."""
    import pyspark

    program = Path(pyspark.__file__).parent / "bin" / command[0]
    process = subprocess.Popen(
        [str(program), *command[1:]], env=environment, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _wait_for(port: int) -> None:
    for _ in range(START_SECONDS * 2):
        with socket.socket() as door:
            if door.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.5)
    raise SystemExit(f"Spark did not open port {port} within {START_SECONDS} seconds.")


def _asked(address: str, environment: dict[str, str]) -> int:
    print(f"── {address}", flush=True)
    return subprocess.call(
        [sys.executable, "-m", "pytest", "-q", "tests/privacy/test_cluster.py"],
        env={**environment, "SPARK_ADDRESS": address, "CI": "true"},
        cwd=ROOT,
    )


def main() -> int:
    """Ask every question on both, and say whether all totals were right."""
    if not java_home():
        raise SystemExit(NO_JAVA)
    master, connect = _free_port(), _free_port()
    address = f"spark://{HOST}:{master}"
    with TemporaryDirectory() as folder, ExitStack() as running:
        environment = {
            **os.environ,
            "JAVA_HOME": str(java_home()),
            "PYSPARK_PYTHON": sys.executable,
            "PYTHONPATH": str(ROOT),
            "SPARK_LOCAL_IP": HOST,
            "SPARK_WORKER_DIR": folder,
            "SPARK_LOCAL_DIRS": folder,
        }
        start = "org.apache.spark.deploy."
        ports = ("--host", HOST, "--webui-port", "0")
        running.enter_context(
            _running(
                environment, "spark-class", f"{start}master.Master", *ports, "--port", str(master)
            )
        )
        _wait_for(master)
        for _ in range(2):
            worker = (f"{start}worker.Worker", *ports, "--cores", "1", "--memory", "1g", address)
            running.enter_context(_running(environment, "spark-class", *worker))
        failed = _asked(address, environment)
        server = ("--class", "org.apache.spark.sql.connect.service.SparkConnectServer")
        settings = (f"spark.connect.grpc.binding.port={connect}", "spark.ui.enabled=false")
        confs = (part for each in settings for part in ("--conf", each))
        running.enter_context(
            _running(
                environment, "spark-submit", "--master", address, *server, *confs, "spark-internal"
            )
        )
        _wait_for(connect)
        return _asked(f"sc://{HOST}:{connect}", environment) or failed


if __name__ == "__main__":
    sys.exit(main())

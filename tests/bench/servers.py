"""A gunicorn server as in production (docs/operations.md), with what it costs in processor time and memory."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
WORKERS, THREADS = 2, 4


class Server:
    """One gunicorn: a master and its workers. Use as a context."""

    def __init__(self, app: str, env: Mapping[str, str], folder: Path, alive: str) -> None:
        self.app, self.folder, self.alive = app, folder, alive
        self.port = _free_port()
        self.env = {**os.environ, **{key: value.replace("{port}", str(self.port)) for key, value in env.items()}}
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        command = [
            sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread",
            "--workers", str(WORKERS), "--threads", str(THREADS), "--no-control-socket", "--preload",
            "--access-logfile", str(self.folder / "access.log"), self.app,
        ]  # fmt: skip
        log = (self.folder / f"gunicorn-{self.port}.log").open("wb")
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=log, stderr=log)
        log.close()
        self._wait()
        return self

    def __exit__(self, *_: Any) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(30)

    def _wait(self) -> None:
        """Until every worker answers: each loads the application for itself."""
        assert self.process is not None
        deadline = time.perf_counter() + 60
        while time.perf_counter() < deadline and self.process.poll() is None:
            if len(self.workers()) == WORKERS and self._answers():
                for _ in range(20):
                    self._answers()
                return
            time.sleep(0.1)
        raise RuntimeError((self.folder / f"gunicorn-{self.port}.log").read_text()[-4000:])

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", self.alive)
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def workers(self) -> list[psutil.Process]:
        """The worker processes."""
        assert self.process is not None
        return list(psutil.Process(self.process.pid).children())

    def cpu_seconds(self) -> float:
        """Processor time of all workers since they began."""
        times = [worker.cpu_times() for worker in self.workers()]
        return float(sum(each.user + each.system for each in times))

    def memory(self) -> dict[str, float]:
        """Memory in MiB of master and workers; `pss` counts what they share once."""
        assert self.process is not None
        infos = [each.memory_full_info() for each in (psutil.Process(self.process.pid), *self.workers())]
        return {
            "rss": round(sum(info.rss for info in infos) / 2**20, 1),
            "pss": round(sum(info.pss for info in infos) / 2**20, 1),
        }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

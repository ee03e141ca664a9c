"""Work on a hostile file in a process of its own, with little memory and time: what it does, it does to nobody else.

Run by its own path this file sets the limits and then becomes what it was asked to run, so it imports nothing of ours.
"""

from __future__ import annotations

import resource
import runpy
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Limits:
    """What it may cost: bytes of memory, seconds of processor; whether it may write files and start threads."""

    memory: int
    seconds: int
    writes: bool = False
    threads: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: what went out, also before it broke off, and why it did not end well (empty when it did)."""

    out: bytes
    failed: str = ""


def run(what: str, *told: object, limits: Limits, patience: float, data: bytes = b"") -> Done:
    """Run a script by its path, or a module of ours by its name, with `data` on its standard input.

    It is ended after `patience` seconds on the clock.
    """
    allowed = (limits.memory, limits.seconds, int(limits.writes), int(limits.threads))
    command = [sys.executable, "-I", __file__, *map(str, (*allowed, what, *told))]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=patience, check=False)  # noqa: S603 - ours
    except subprocess.TimeoutExpired as late:
        return Done(late.stdout or b"", "it took too long")
    said = done.stderr.decode(errors="replace")[-800:] or str(done.returncode)
    return Done(done.stdout, said if done.returncode else "")


def _confine(memory: int, seconds: int, writes: int, threads: int) -> None:
    limits = [(resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)]
    limits += [] if writes else [(resource.RLIMIT_FSIZE, 0)]
    limits += [] if threads else [(resource.RLIMIT_NPROC, 0)]
    for which, most in limits:
        resource.setrlimit(which, (most, most))


def _become(what: str) -> None:
    if what.endswith(".py"):
        runpy.run_path(what, run_name="__main__")
    else:
        sys.path.insert(0, str(ROOT))
        runpy.run_module(what, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _confine(*map(int, sys.argv[1:5]))
    sys.argv = sys.argv[5:]
    _become(sys.argv[0])

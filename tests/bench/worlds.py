"""What all measurements share: the worlds loaded once, and servers of the portal and of the bare stack on copies."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from portal.settings import Settings, from_environment
from portal.worlds import World, production
from tests.bench.databases import Databases
from tests.bench.report import Report, say
from tests.bench.servers import ROOT, Server

KEY = "bench-" + "k" * 40


@dataclass
class Bench:
    """One run: where it works, how much it does, and what it found."""

    folder: Path
    databases: Databases
    report: Report
    quick: bool
    kinds: tuple[str, ...]
    million: bool = False
    loaded: dict[tuple[str, str, int], str] = field(default_factory=dict)

    @property
    def instance(self) -> Path:
        """The folder with the documents."""
        return self.folder / "instance"

    def environment(self, url: str) -> dict[str, str]:
        """The settings of the portal on this database, as a service would have them."""
        return {
            "SSC_INSTANCE": str(self.instance), "SSC_DATABASE_URL": url, "SSC_SECRET_KEY": KEY,
            "SSC_BASE_URL": "http://127.0.0.1:{port}",
        }  # fmt: skip

    def settings(self, url: str) -> Settings:
        """The same, for use in this process."""
        return from_environment(self.environment(url))

    def world(self, url: str) -> World:
        """The portal's world on this database, in this process."""
        return production(self.settings(url))

    def load(self, size: int, *stacks: str) -> None:
        """Load worlds of this size on all databases at once, each in a process of its own."""
        wanted = [
            (stack, kind, size) for stack in stacks for kind in self.kinds if (stack, kind, size) not in self.loaded
        ]
        if not wanted:
            return
        say(f"loading {size:,} cases for {' and '.join(stacks)}")
        running = []
        for stack, kind, _ in wanted:
            url = self.databases.make(kind)
            module = {"portal": "tests.bench.bulk", "bare": "tests.bench.bare"}[stack]
            command = [sys.executable, "-m", module, url, str(self.instance), str(size)]
            running.append((url, subprocess.Popen(command, cwd=ROOT, stdout=sys.stderr)))
        for key, (url, process) in zip(wanted, running, strict=True):
            if process.wait():
                raise RuntimeError(f"{key} could not be loaded")
            self.databases.settle(url)
            self.loaded[key] = url

    @property
    def first_kind(self) -> tuple[str, ...]:
        """In a hurry, what differs little between databases is measured on one."""
        return self.kinds[:1] if self.quick else self.kinds

    @contextmanager
    def copy(self, kind: str, size: int, stack: str = "portal") -> Iterator[str]:
        """A copy of a loaded world, to change at will."""
        self.load(size, stack)
        url = self.databases.make(kind, like=self.loaded[stack, kind, size])
        try:
            yield url
        finally:
            self.databases.drop(url)

    def serve(self, url: str, stack: str = "portal") -> Server:
        """A server of the portal or of the bare stack on this database."""
        if stack == "portal":
            return Server("portal:create_app()", self.environment(url), self.folder, "/gezond")
        files = self.folder / "bare-files"
        files.mkdir(exist_ok=True)
        env = {"BARE_DATABASE_URL": url, "BARE_FILES": str(files)}
        return Server("tests.bench.bare:create_app()", env, self.folder, "/alive")

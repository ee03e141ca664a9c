"""A process that waits to lead, says so, and then leads until it is killed. Run as `python -m tests.jobs.leader`."""

from __future__ import annotations

import os
import threading

from portal import settings, worlds
from portal.jobs.scheduler import leading


class Impatient(threading.Event):
    """Waits a tenth of a second, however long it is asked to: for tests."""

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(0.1)


if __name__ == "__main__":
    with leading(worlds.production(settings.from_environment(os.environ)), Impatient()) as leads:
        print("leading" if leads else "stopped", flush=True)
        threading.Event().wait(60)

"""Thirty seats, a projector and a trainer's desk on the server as in production: how long each page takes.

`python -m tests.bench.workshop` plays a workshop at its normal speed with thirty people who look at their pages as
people do, and prints p50, p95 and the longest by page. With `--streams` it measures instead what thirty connections
that stay open (server-sent events) do to the other pages of such a server.
"""

from __future__ import annotations

import argparse
import http.client
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from portal import migrations, settings, worlds
from portal.workshop import opening, pace, reading
from portal.worlds import TRAINER_LINK
from tests.bench.servers import ROOT, Server

SEATS = 30
POLLS = 2.0
"""Seconds between two polls, as the pages do it."""
WARM = 15.0
WAITS = 12.0
"""Seconds for which somebody looks at a page before they go to another."""
PAGES = ("/kaart", "/mijn-post", "/", "/zaken", "/akkoord", "/verlof")
Times = dict[str, list[float]]


class Device:
    """A browser on a connection that stays open, and how long its pages took."""

    def __init__(self, port: int, times: Times) -> None:
        self._port, self._times = port, times
        self._cookies: dict[str, str] = {}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def ask(self, method: str, path: str, form: dict[str, str] | None = None, *, name: str = "") -> tuple[int, str]:
        """Status and text of a page; timed under its name when it has one."""
        headers = {"Cookie": "; ".join(f"{key}={value}" for key, value in self._cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        try:
            self._connection.request(method, path, urlencode(form) if form is not None else None, headers)
            answer = self._connection.getresponse()
        except (http.client.HTTPException, OSError):
            self._connection.close()
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
            self._connection.request(method, path, urlencode(form) if form is not None else None, headers)
            answer = self._connection.getresponse()
        text = answer.read().decode()
        if name:
            self._times[name].append(time.perf_counter() - began)
        for line in answer.headers.get_all("Set-Cookie") or ():
            key, _, value = line.partition(";")[0].partition("=")
            self._cookies[key] = value
        return answer.status, text

    def send(self, page: str, path: str, form: dict[str, str]) -> None:
        """A form, with the token of its page."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.ask("GET", page)[1])
        status, text = self.ask("POST", path, {**form, "csrf_token": found[1] if found else ""})
        if status != 302:
            raise RuntimeError(f"{path}: {status} {text[:200]}")


def until(end: float, every: float, do: Callable[[], object]) -> None:
    """Again and again, not all at the same moment."""
    while time.perf_counter() < end:
        do()
        time.sleep(every * random.uniform(0.8, 1.2))


def participant(device: Device, prefix: str, end: float) -> None:
    """Polls, and goes from page to page."""
    turn = {"next": random.uniform(0, WAITS)}
    began = time.perf_counter()

    def look() -> None:
        device.ask("GET", f"{prefix}/stand.json", name="/stand.json (seat)")
        if time.perf_counter() - began >= turn["next"]:
            turn["next"] += WAITS
            page = random.choice(PAGES)
            status, _ = device.ask("GET", prefix + page, name=page)
            if status != 200:
                raise RuntimeError(f"{page}: {status}")

    until(end, POLLS, look)


def watcher(device: Device, prefix: str, page: str, asks: str, end: float) -> None:
    """A screen that polls, and loads its page anew each time, as it does when there is news at every poll."""

    def look() -> None:
        device.ask("GET", f"{prefix}/stand.json?voor={asks}", name=f"/stand.json ({asks})")
        device.ask("GET", prefix + page, name=page)

    until(end, POLLS, look)


def play(seconds: float) -> None:
    """A workshop of thirty people at normal speed."""
    with tempfile.TemporaryDirectory(prefix="workshop-bench-") as place:
        folder = Path(place)
        env = {"SSC_INSTANCE": str(folder / "instance"), "SSC_BASE_URL": "http://127.0.0.1:{port}"}
        home = worlds.production(settings.from_environment({**env, "SSC_BASE_URL": "http://127.0.0.1"}))
        migrations.upgrade(home.db)
        scenario = {one.key: one for one in reading.scenarios(home.settings)}["claim-from-paper-to-portal"]
        room = opening.open_workshop(home, scenario, title="Bench", trainer="Bench", people=SEATS, wall=home.wall.now())
        practice = opening.world_of(home, room)
        prefix = f"/oefening/{room.code}"
        times: Times = defaultdict(list)
        with Server("portal:create_app()", env, folder, "/gezond") as server:
            keeper = subprocess.Popen([sys.executable, "-m", "portal.cli", "scheduler"], cwd=ROOT, env=server.env)
            devices = [Device(server.port, times) for _ in range(SEATS + 2)]
            for number, device in enumerate(devices[:SEATS]):
                device.send(f"{prefix}/meedoen", f"{prefix}/meedoen", {"nickname": f"Speler {number}"})
            devices[-1].ask("GET", f"{prefix}/trainer/{practice.link_token('trainer', TRAINER_LINK)}")
            time.sleep(WARM)  # the scheduler makes the next round ready
            pace.resume(practice)
            end = time.perf_counter() + seconds
            work: list[tuple[Callable[..., None], tuple[Any, ...]]] = [
                (participant, (device, prefix, end)) for device in devices[:SEATS]
            ]
            work += [(watcher, (devices[-2], prefix, "/scherm", "scherm", end))]
            work += [(watcher, (devices[-1], prefix, "/regie", "regie", end))]
            before = server.cpu_seconds()
            together(work)
            used = (server.cpu_seconds() - before) / seconds
            keeper.terminate()
            keeper.wait(30)
        practice.db.dispose()
        told(times)
        print(f"web server: {used:.2f} of a core")


def together(work: Iterable[tuple[Callable[..., None], tuple[Any, ...]]]) -> None:
    """All at the same time."""
    threads = [threading.Thread(target=do, args=given) for do, given in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def told(times: Times) -> None:
    """The figures by page, in milliseconds."""
    print(f"{'page':<24}{'count':>7}{'p50':>7}{'p95':>7}{'most':>7}")
    for name, found in sorted(times.items()):
        ordered = sorted(one * 1000 for one in found)
        p50, p95 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        print(f"{name:<24}{len(ordered):>7}{p50:>7.0f}{p95:>7.0f}{ordered[-1]:>7.0f}")


def streams(environ: dict[str, Any], start_response: Any) -> Iterator[bytes] | list[bytes]:
    """A bare application: `/stream` says something every two seconds for ever, `/page` works for ten milliseconds."""
    if environ["PATH_INFO"] == "/stream":
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        return _for_ever()
    began = time.perf_counter()
    while time.perf_counter() - began < 0.01:
        pass
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


def _for_ever() -> Iterator[bytes]:
    while True:
        yield b"data: {}\n\n"
        time.sleep(2)


def stream(count: int) -> None:
    """How long a page takes beside so many open streams; what takes longer than five seconds is given up."""
    with (
        tempfile.TemporaryDirectory(prefix="streams-bench-") as place,
        Server("tests.bench.workshop:streams", {}, Path(place), "/page") as server,
    ):
        open_ = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=60) for _ in range(count)]
        for connection in open_:
            connection.request("GET", "/stream")
        time.sleep(1)
        answered = sum(_answers(server.port) for _ in range(10))
        print(f"{count} open streams: {answered} of 10 pages answered within five seconds")
        for connection in open_:
            connection.close()


def _answers(port: int) -> bool:
    page = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        page.request("GET", "/page")
        return page.getresponse().status == 200
    except OSError:
        return False
    finally:
        page.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--streams", action="store_true")
    asked = parser.parse_args()
    if asked.streams:
        for count in (0, 4, 30):
            stream(count)
    else:
        play(asked.seconds)

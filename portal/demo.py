"""The whole portal in one command, to try it out: seeded data, web, scheduler, and a bank that answers.

Everything runs on this machine alone, and only this machine reaches it, unless it is given an address in the network:
then phones do as well, for a workshop. Mail goes nowhere: the tray in the portal shows what would have been sent.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from time import sleep

import click
from sqlalchemy import select

from portal import migrations, settings, worlds
from portal.clock import local_date
from portal.models.people import Municipality
from portal.worlds import World

NOTE = "Everybody's password: welkom-bij-vierstroom"
ALONE = "127.0.0.1"
"""The address that only this machine reaches."""
NAMED = 9
"""How many people have a name that is the same in every demo: they come first."""


def run(port: int, host: str = ALONE) -> None:
    """Prepare, start everything, print where to go, and stop everything on Ctrl-C."""
    address = f"http://{host}:{port}"
    env = {**os.environ, "SSC_DEMO": "1", "SSC_BASE_URL": os.environ.get("SSC_BASE_URL", address)}
    world = worlds.production(settings.from_environment(env))
    _prepare(world)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    processes = [_web(host, port, env), _scheduler(env)]
    threading.Thread(target=_bank, args=(world, stop), daemon=True).start()
    try:
        _wait_until_up(address, processes[0])
        _tell(world, address)
        while not stop.wait(0.5) and all(process.poll() is None for process in processes):
            pass
    finally:
        stop.set()
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=20)


def _prepare(world: World) -> None:
    from seed.loader import load

    migrations.upgrade(world.db)
    with world.db.session(writes=False) as session:
        filled = session.scalars(select(Municipality.id).limit(1)).first() is not None
    if not filled:
        click.echo("Filling the portal with invented people and a year of history (this takes a minute or two) …")
        load(world, report=click.echo)


def _web(host: str, port: int, env: dict[str, str]) -> subprocess.Popen[bytes]:
    arguments = [
        "--bind",
        f"{host}:{port}",
        "--worker-class",
        "gthread",
        "--workers",
        "2",
        "--threads",
        "4",
    ]
    command = [sys.executable, "-m", "gunicorn", *arguments, "--log-level", "warning", "portal:create_app()"]
    return subprocess.Popen(command, env=env)  # noqa: S603 - our own command line


def _scheduler(env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "portal.cli", "scheduler"], env=env)


def _bank(world: World, stop: threading.Event) -> None:
    try:
        from seed import demo_bank
    except ImportError:
        click.echo("(No demo bank: the package mock-bank is not installed. Payments wait for an answer.)")
        return
    with world.db.session(writes=False) as session:
        accounts = {m.iban: m.account_name for m in session.scalars(select(Municipality))}
    demo_bank.run(world, accounts, stop)


def _wait_until_up(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(120):
        if process.poll() is not None:
            raise click.ClickException("the web server did not start; is the port in use? Try --port")
        try:
            with urllib.request.urlopen(f"{address}/gezond", timeout=2):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            sleep(0.25)
    raise click.ClickException("the web server did not answer in time")


def _tell(world: World, address: str) -> None:
    from portal.queries.demo import cast

    with world.db.session(writes=False) as session:
        players = cast(session, local_date(world.clock.now()), limit=NAMED)
    click.echo(f"\nThe portal is running on {address}")
    if ALONE not in address:
        click.echo("  Everybody in this network can be anybody in it: put nothing real in.")
    click.echo(f"  Sign in with one click:  {address}/demo/")
    click.echo(f"  Mail that was sent:      {address}/demo/post")
    click.echo(f"  Workshops, as a trainer: {address}/oefeningen")

    for player in players:
        what = ", ".join(player.roles) or (f"manager of {player.leads[0]}" if player.leads else "employee")
        click.echo(f"  {player.account.username:<10} {player.person.name:<24} {what} ({player.municipality})")
    click.echo(f"\n  {NOTE}. Stop with Ctrl-C.")

"""What if: models from event logs of other systems, and simulated logs from models. Needs no database."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from pathlib import Path

import click

from portal.i18n import gettext, reading_in
from portal.whatif.foreign import read_log
from portal.whatif.foreign_model import model_of
from portal.whatif.log_map import read_map
from portal.whatif.log_simulation import told, write_log, write_rows
from portal.whatif.model import Model
from portal.whatif.model_file import dumps, loads
from portal.whatif.telling import COLUMNS, rows_of, simulated
from workflows.kernel import Refused

DAY = click.DateTime(["%Y-%m-%d"])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)


@click.group("whatif")
def whatif_group() -> None:
    """Simulated processes."""


def _refused(refused: Refused) -> click.ClickException:
    return click.ClickException("\n".join(one.sentence % dict(one.values) for one in refused.refusals))


@whatif_group.command("calibrate")
@click.option("--log", "log_file", required=True, type=FILE, help="CSV or XES, gzipped or not.")
@click.option("--map", "map_file", required=True, type=FILE, help="Which columns hold what; see docs/what-if.md.")
@click.option("--out", required=True, type=OUT, help="The model to write, as TOML.")
def whatif_calibrate(log_file: Path, map_file: Path, out: Path) -> None:
    """Measure a process in an event log of another system, and write it as a model."""
    try:
        log = read_log(log_file, read_map(map_file.read_text(errors="replace")))
        model = model_of(log, read_map(map_file.read_text(errors="replace")), log_file.name.partition(".")[0])
    except Refused as refused:
        raise _refused(refused) from None
    out.write_text(dumps(model))
    events = sum(len(case.at) for case in log.cases)
    click.echo(
        f"{len(log.cases)} cases, {events} events, {len(log.activities)} activities: {model.first} – {model.last}"
    )
    with reading_in("en"):
        for note in (*model.warnings, *model.unknown):
            values = {key: gettext(value) if value else "" for key, value in note.values.items()}
            click.echo(f"- {gettext(note.sentence, **values) if values else gettext(note.sentence)}")


@whatif_group.command("simulate")
@click.option("--model", "model_file", required=True, type=FILE, help="A model, as TOML.")
@click.option("--seed", required=True, type=int, help="The same seed gives the same log.")
@click.option("--out", required=True, type=OUT, help="The log to write, as CSV; gzipped when it ends in .gz.")
@click.option("--cases", type=click.IntRange(1), help="So many cases; else as many as the log had, or until --until.")
@click.option("--from", "first", type=DAY, help="The first day; else the day after the log.")
@click.option("--until", "last", type=DAY, help="The last day on which cases come in.")
def whatif_simulate(
    model_file: Path, seed: int, out: Path, cases: int | None, first: datetime | None, last: datetime | None
) -> None:
    """Write a simulated event log, in the columns of the log that the model was measured in.

    A model of declared kinds of case alone is told for a year, in columns that speak for themselves.
    """
    try:
        model = loads(model_file.read_text(errors="replace"))
    except Refused as refused:
        raise _refused(refused) from None
    begin, end = (one.date() if one else None for one in (first, last))
    if begin and end and end < begin:
        raise click.ClickException("--until is before --from")
    if model.log is None:
        count, events = _tell_declared(model, seed, out, cases, begin, end)
    else:
        found = told(model.log, seed=seed, first=begin, last=end, cases=cases)
        count, events = write_log(out, model.log.columns, found)
    click.echo(f"{count} cases, {events} events")


def _tell_declared(
    model: Model, seed: int, out: Path, cases: int | None, first: date | None, last: date | None
) -> tuple[int, int]:
    """A model of declared kinds of case alone, told in columns of our own: for a year, unless said otherwise."""
    if not model.flows:
        raise click.ClickException("there is nothing in this model to simulate")
    begin = first or (model.last + timedelta(days=1) if model.last else date(2026, 1, 5))
    a_day = sum(flow.arrivals.per_week.value for flow in model.flows) / 7
    days = math.ceil(2 * cases / max(a_day, 0.001)) + 14 if cases else 364
    if last:
        days = (last - begin).days + 1
    found = simulated(model, seed=seed, first=begin, days=min(max(days, 1), 3660))[:cases]
    rows = list(rows_of(found))
    write_rows(out, COLUMNS, rows)
    return len(found), len(rows)

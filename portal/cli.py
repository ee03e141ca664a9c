"""The command line: `ssc-portal …`, for whoever runs the portal."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy import select

from portal import migrations, settings, worlds
from portal.clock import end_of_day, local_date
from portal.commands import bank, rates, sign_in
from portal.commands.changes import COMMAND_LINE
from portal.i18n import reading_in, say
from portal.interfaces import leave_statement as leave_texts
from portal.interfaces.anchors import kept_in, read
from portal.interfaces.dossier_json import Altered, NotADossier, prove
from portal.interfaces.ledger_files import FORMATS
from portal.interfaces.rates import MOST_BYTES, TOO_BIG
from portal.jobs import runner, timetable
from portal.jobs import scheduler as keeper
from portal.jobs.telling import in_words
from portal.models.people import Account, Municipality, Person
from portal.queries import leave_statement as leave
from portal.queries import sampling
from portal.queries.chain import expect_in_chain, verify, verify_anchors
from portal.queries.journal import book_of
from portal.queries.ledger_export import journal_of, span
from portal.worlds import World
from workflows import CASE_TYPES
from workflows.diagram import as_mermaid, as_table
from workflows.kernel import Refused


def _world() -> World:
    try:
        return worlds.production(settings.from_environment(os.environ))
    except settings.BadSetting as error:
        raise click.ClickException(str(error)) from error


def reason_in_english(refused: Refused) -> str:
    """Why something was refused, for whoever runs the portal."""
    with reading_in("en"):
        return say(refused.refusals[0].sentence, refused.refusals[0].values)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The self-service portal of a Shared Service Center. Settings come from SSC_… environment variables."""


@main.command()
def migrate() -> None:
    """Bring the database up to date."""
    migrations.upgrade(_world().db)


@main.command()
@click.argument("message")
def revise(message: str) -> None:
    """Write a migration for changed tables (for developers)."""
    migrations.revise(_world().db, message)


@main.command("case-types")
def case_types() -> None:
    """Print every case type as a table and as a Mermaid diagram."""
    for case_type in CASE_TYPES.values():
        click.echo(as_table(case_type))
        click.echo(f"\n```mermaid\n{as_mermaid(case_type)}\n```\n")


@main.command()
@click.option("--employees", default=240, show_default=True, help="How many employees, over all municipalities.")
@click.option("--months", default=12, show_default=True, help="How many months of history.")
@click.option("--random-seed", default=1, show_default=True, help="The same number gives the same world.")
def seed(employees: int, months: int, random_seed: int) -> None:
    """Fill an empty database with invented people and a history of cases."""
    from seed.loader import AlreadySeeded, load

    world = _world()
    migrations.upgrade(world.db)
    try:
        load(world, employees=employees, months=months, random_seed=random_seed, report=click.echo)
    except AlreadySeeded as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.option("--port", default=8000, show_default=True)
def demo(port: int) -> None:
    """Run the portal on seeded data with scheduler and bank, all in one, for trying it out."""
    from portal.demo import run

    run(port)


@main.command()
def scheduler() -> None:
    """Keep the time: run every job when it is due, until stopped. Several may be started; one leads."""
    keeper.serve(_world())


@main.command()
@click.argument("key", type=click.Choice([job.key for job in timetable.JOBS]))
def job(key: str) -> None:
    """Run one job now, if its moment was not claimed yet."""
    done = runner.run(_world(), timetable.job(key))
    if done is None:
        click.echo("already run for this moment")
    elif done.error:
        raise click.ClickException(done.error)
    else:
        with reading_in("en"):
            click.echo(in_words(done.told) or "nothing to do")


@main.group()
def audit() -> None:
    """Prove that nothing was changed behind the portal's back."""


@audit.command("verify")
@click.option(
    "--anchor", "files", multiple=True, type=click.Path(exists=True, path_type=Path),
    help="A file (or a folder of them) with anchors that were kept: each must still be in the chain.",
)  # fmt: skip
def audit_verify(files: tuple[Path, ...]) -> None:
    """Verify the event chain; exits with 1 and names the first broken event when it does not hold."""
    kept = [anchor for file in files for anchor in (kept_in(file) if file.is_dir() else read(_text(file)))]
    with _world().db.session(writes=False) as session:
        found = verify(session)
        failed = verify_anchors(session, kept)
    if found.broken is not None:
        click.echo(f"BROKEN at event {found.broken}: {found.why}", err=True)
    if failed is not None:
        click.echo(f"NOT AS IT WAS: {failed.anchor}: {failed.why}", err=True)
    if files and not kept:
        click.echo("NO ANCHOR in what was given", err=True)
    if found.broken is not None or failed is not None or (files and not kept):
        sys.exit(1)
    anchored = f", and {len(kept)} anchors are in it" if files else ""
    click.echo(f"{found.count} events verified, the chain holds{anchored}")


def _text(file: Path) -> str:
    return file.read_text(errors="replace")


@audit.command("verify-export")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--in-chain", is_flag=True, help="Look each event up in this portal's own chain too.")
def audit_verify_export(file: Path, in_chain: bool) -> None:
    """Verify a dossier that was taken along as JSON; needs no database unless asked. Exits with 1 if it was altered."""
    try:
        proved = prove(file.read_bytes())
        if in_chain:
            with _world().db.session(writes=False) as session:
                expect_in_chain(session, proved.hashes)
    except (NotADossier, Altered) as error:
        click.echo(f"{'ALTERED' if isinstance(error, Altered) else 'NO DOSSIER'}: {error}", err=True)
        sys.exit(1)
    where = "and they are in the chain" if in_chain else "by themselves"
    click.echo(f"{proved.number}: {proved.events} events verified {where}; of {proved.opened} also what was said")


@main.group()
def account() -> None:
    """Accounts to sign in with."""


@account.command("add")
@click.argument("email")
@click.argument("username")
@click.password_option()
def account_add(email: str, username: str, password: str) -> None:
    """Give the person with this mail address an account."""
    with _world().db.transaction() as session:
        person = session.scalars(select(Person).where(Person.email == email)).first()
        if person is None:
            raise click.ClickException(f"nobody has the address {email}")
        name = username.strip().lower()
        taken = (Account.username == name) | (Account.person_id == person.id)
        if session.scalars(select(Account.id).where(taken)).first():
            raise click.ClickException("this user name is taken, or this person has an account")
        session.add(Account(person_id=person.id, username=name, password_hash=_hash(password)))


@account.command("reset")
@click.argument("username")
@click.password_option()
def account_reset(username: str, password: str) -> None:
    """Set a new password and end every session of the account."""
    with _world().db.transaction() as session:
        found = session.scalars(select(Account).where(Account.username == username.strip().lower())).first()
        if found is None:
            raise click.ClickException("no such account")
        found.password_hash = _hash(password)
        sign_in.sign_out_everywhere(session, found.id)


def _hash(password: str) -> str:
    try:
        return sign_in.hash_password(password)
    except Refused as refused:
        raise click.ClickException(refused.refusals[0].sentence) from refused


@main.group("bank")
def bank_group() -> None:
    """Files from and to the bank."""


@bank_group.command("take-in")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def bank_take_in(file: Path) -> None:
    """Take in one file from the bank, as the folder job does."""
    world = _world()
    with world.db.transaction() as session:
        row = bank.take_in(session, file.read_bytes(), file.name, world.clock.now())
    click.echo(
        row.refused
        or f"paid {row.settled}, accepted {row.accepted}, returned {row.returned}, unmatched {row.unmatched}"
    )
    sys.exit(1 if row.refused else 0)


@main.group("invoice")
def invoice_group() -> None:
    """Electronic invoices."""


@invoice_group.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def invoice_check(files: tuple[Path, ...]) -> None:
    """Judge invoices (UBL, CII, Factur-X): a line of JSON each. Needs no database. Exits with 1 when any is invalid."""
    from portal.interfaces.einvoice import Verdict, check
    from portal.interfaces.einvoice.telling import as_row

    invalid = False
    for file in files:
        checked = check(file.read_bytes())
        invalid = invalid or checked.verdict in (Verdict.INVALID, Verdict.NOT_AN_INVOICE)
        click.echo(json.dumps(as_row(str(file), checked), ensure_ascii=False))
    sys.exit(1 if invalid else 0)


@main.group("sample")
def sample_group() -> None:
    """Samples of what was paid without approval beforehand."""


@sample_group.command("verify")
@click.option("--municipality", required=True, help="The code of the municipality.")
@click.option("--month", required=True, type=click.DateTime(["%Y-%m"]), help="The month, as 2026-10.")
def sample_verify(municipality: str, month: datetime) -> None:
    """Draw a month again; exits with 1 and says what does not agree when it does not."""
    world = _world()
    try:
        with world.db.session(writes=False) as session:
            found = sampling.month_within(session, municipality, month.date(), None)
            if found is None:
                raise click.ClickException("no seed was chosen for this municipality and month")
            again = sampling.draw_again(session, found.seed)
    finally:
        world.db.dispose()
    for said, numbers in (
        ("stored otherwise than the seed draws", again.otherwise),
        ("drawn, but no sample was opened", again.unjudged),
        ("paid without approval, but never put in", again.missing),
        ("there before the seed was chosen", again.late),
    ):
        if numbers:
            click.echo(f"{said}: {', '.join(numbers)}", err=True)
    if not again.committed:
        click.echo("the seed is not the one in the event chain", err=True)
    if not again.agrees:
        sys.exit(1)
    click.echo(f"{again.count} draws done again, all agree; {found.drawn} are in the sample")


@main.group("leave")
def leave_group() -> None:
    """Leave of employees."""


@leave_group.command("statement")
@click.argument("person")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day, as 2026-11-24; today when not given.")
@click.option("--as-known", type=click.DateTime(["%Y-%m-%d"]), help="What was known at the end of this day; now else.")
@click.option("--json", "as_json", is_flag=True, help="For programs: minutes, days and moments as plain values.")
def leave_statement(person: str, on: datetime | None, as_known: datetime | None, as_json: bool) -> None:
    """Print the leave of a PERSON (mail address or personnel number) on a day, as it was known."""
    world = _world()
    now = world.clock.now()
    day = on.date() if on else local_date(now)
    known = end_of_day(as_known.date()) if as_known else now
    try:
        with world.db.session(writes=False) as session:
            found = leave.persons_named(session, person)
            if len(found) != 1:
                said = "nobody has" if not found else "more than one person has"
                raise click.ClickException(f"{said} the mail address or personnel number {person}")
            about = {"name": found[0].name, "on": day.isoformat(), "as_known": known.isoformat(timespec="minutes")}
            lots, entries = (ask(session, found[0].id, day, known) for ask in (leave.lots_then, leave.entries_then))
    finally:
        world.db.dispose()
    click.echo((leave_texts.as_json if as_json else leave_texts.as_text)(about, lots, entries))


@main.group("ledger")
def ledger_group() -> None:
    """The journals of municipalities."""


@ledger_group.command("export")
@click.option("--municipality", required=True, help="The code of the municipality.")
@click.option("--period", required=True, help="A month, as 2026-10, or a year, as 2026.")
@click.option("--format", "ending", type=click.Choice(sorted(FORMATS)), default="xaf", show_default=True)
@click.option(
    "--to", "target", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write."
)
def ledger_export(municipality: str, period: str, ending: str, target: Path) -> None:
    """Write the journal of a municipality to a file. The same journal gives the same bytes."""
    months, world = span(period), _world()
    try:
        with world.db.session(writes=False) as session:
            place = session.scalars(select(Municipality).where(Municipality.code == municipality)).first()
            if place is None or book_of(session, place.id) is None:
                raise click.ClickException("no journal is kept of this municipality")
            if months is None:
                raise click.ClickException("a period is a month, as 2026-10, or a year, as 2026")
            journal = journal_of(session, place, *months)
            target.write_bytes(FORMATS[ending][0](journal))
    finally:
        world.db.dispose()
    click.echo(f"{len(journal.entries)} entries")


@main.group("rates")
def rates_group() -> None:
    """Exchange rates of the European Central Bank."""


@rates_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def rates_import(file: Path) -> None:
    """Take in a file with rates (eurofxref as CSV, ZIP or XML). Rates that we know otherwise are told, ours stay."""
    world = _world()
    if file.stat().st_size > MOST_BYTES:
        raise click.ClickException(reason_in_english(Refused(TOO_BIG)))
    try:
        with world.db.transaction() as session:
            done = rates.take_in(session, COMMAND_LINE, file.read_bytes(), file.name, world.clock.now())
    except Refused as refused:
        raise click.ClickException(reason_in_english(refused)) from refused
    finally:
        world.db.dispose()
    click.echo(f"{done.added} new, {done.known} known, {done.passed_over} of no use, {len(done.differing)} differ")
    for one in done.differing:
        click.echo(f"{one.given.currency} {one.given.day}: ours {one.known.rate}, in the file {one.given.rate}")
    sys.exit(1 if done.differing else 0)


if __name__ == "__main__":
    main()

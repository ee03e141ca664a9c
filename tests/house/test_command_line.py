"""The command line starts fast: it imports what a command needs when that command is run, and nothing before."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from portal.cli import COMMANDS, main
from portal.interfaces.einvoice.writing import OIN, Bill, Firm, Item, written

HEAVY = ("sqlalchemy", "alembic", "flask", "jinja2", "holidays", "pypdf", "PIL", "wtforms", "portal.db", "workflows")
LOADED = f"""
import atexit, json, sys
from portal.cli import main
atexit.register(lambda: print(json.dumps([name for name in {HEAVY!r} if name in sys.modules])))
main()
"""


def loaded_by(*arguments: str) -> list[str]:
    """Which of the heavy libraries a command loaded."""
    done = subprocess.run([sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=True)
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_where_the_group_says_and_says_that_of_itself(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.name == name
    assert command.get_short_help_str(500) == click.Command(name, help=COMMANDS[name].line).get_short_help_str(500)


def test_the_help_names_every_command_and_loads_none_of_them() -> None:
    printed = CliRunner().invoke(main, ["--help"]).output
    rows = printed.partition("Commands:")[2].splitlines()
    assert [row.split()[0] for row in rows if row.startswith("  ") and row[2] != " "] == sorted(COMMANDS)
    assert loaded_by("--help") == []


def test_judging_an_invoice_loads_no_database(tmp_path: Path) -> None:
    invoice = tmp_path / "one.xml"
    seller, buyer = (
        Firm("Bouwbedrijf De Linde B.V.", "12345678", vat="NL123456789B01"),
        Firm("Waterveen", "00000001234567890000", OIN),
    )
    invoice.write_bytes(
        written(Bill("1", date(2026, 11, 2), seller, buyer, (Item("Dak", 1000),), iban="NL91ABNA0417164300"))
    )
    assert loaded_by("invoice", "check", str(invoice)) == []


def test_what_is_no_command_is_refused() -> None:
    done = CliRunner().invoke(main, ["invoices"])
    assert done.exit_code == 2
    assert "No such command 'invoices'" in done.output

"""A business case worked out from a file, without a database."""

from __future__ import annotations

from pathlib import Path

import click

from portal.interfaces import business_case_file as files


@click.command("business-case")
@click.argument("file", type=click.Path(path_type=Path))
def business_case(file: Path) -> None:
    """Work out the business case in FILE, as JSON. Needs no database.

    FILE is TOML: current_cost (a year before), and for every year a table [[years]] with running_cost and investment,
    in euros, with cents after a point if need be. A year may say which it is (year = 2027), the ones after it count
    on; when none does they are 1, 2, 3 and so on. Other keys are passed over.

    Of every year comes its saving (current_cost less running_cost), added_value (saving less investment) and cumulative
    (the sum of added values so far). break_even_year is the first year in which cumulative is not below zero; null when
    there is none.

    A file that is wrong is told why, all at once, and ends with 1.
    """
    try:
        case = files.read(file.read_bytes())
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}") from None
    except files.NotABusinessCase as wrong:
        raise click.ClickException("\n".join(f"{file}: {problem}" for problem in wrong.problems)) from None
    click.echo(files.written(case))

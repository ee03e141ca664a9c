"""What would be done during the first requests, done before them; and the garbage collector told to leave it alone."""

from __future__ import annotations

import gc

from flask import Flask
from sqlalchemy.orm import configure_mappers

from portal import i18n
from portal.commands.sign_in import hash_of_nobody
from portal.interfaces import letters
from portal.queries.people import national_calendar
from portal.words import lines


def up(app: Flask) -> None:
    """Prepare a process that serves for long: compile templates, read catalogues, and set all of it apart.

    A collection that walks along every class and template costs as much as a page, again and again.
    """
    configure_mappers()
    for name in app.jinja_env.list_templates(extensions=("html",)):
        app.jinja_env.get_template(name)
    letters.compile_all()
    lines.compile_all()
    for code in i18n.LANGUAGES:
        with i18n.reading_in(code):
            i18n.gettext("Home")
    national_calendar()
    hash_of_nobody()
    gc.collect()
    gc.freeze()

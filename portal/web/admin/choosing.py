"""Choosing one person in a form of administration, by name, mail address or personnel number."""

from __future__ import annotations

from collections.abc import Collection

from portal.models.people import Person
from portal.queries.people import exactly, find_people
from portal.web import unit_of_work as uow
from portal.web.admin.forms import Form
from workflows.kernel import Refusal, Refused
from workflows.parties import N_

UNKNOWN = Refusal("who_unknown", N_("Nobody with this name, mail address or number works for this municipality."))
SEVERAL = Refusal("who_several", N_("Several people fit: %(names)s. Type the mail address or personnel number."))


def somebody(form: Form, name: str, within: int | Collection[int] | None) -> Person:
    """The one person, of these municipalities, who fits what was typed. Raises Refused when nobody does, or several."""
    text = form.text(name).strip()[:100]
    places = {within} if isinstance(within, int) else within
    found = {e.person_id: e for e in find_people(uow.session(), text, places, 10)} if text else {}
    exact = [one for one in found.values() if exactly(one, text)]
    fitting = exact if len(exact) == 1 else list(found.values())
    if not fitting:
        raise Refused(UNKNOWN)
    if len(fitting) > 1:
        names = ", ".join(f"{e.person.name} ({e.personnel_number})" for e in fitting[:5])
        raise Refused(Refusal(SEVERAL.code, SEVERAL.sentence, {"names": names}))
    return fitting[0].person

"""What people ask the SSC, about a claim or in general, what they are told, and what was promised and not done yet."""

from __future__ import annotations

from datetime import date
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.commands import contact_follow_up as follow_up
from portal.commands.contact import Asked, Spoken, ask_question, record_contact
from portal.models.contact import Contact, ContactQuestion
from seed.filing import Story
from seed.office import earlier, later, moment
from seed.sources import source
from seed.stage import Stage

OFTEN = 0.06
"""The part of claims that somebody calls or writes about."""
AGAIN = 0.12
"""The part of those who ask the same once more, some days later."""
CHANNELS = {"telephone": 48, "e-mail": 28, "counter": 12, "portal": 11, "post": 1}
OUTCOMES = {"answered": 78, "call_back": 13, "second": 9}
PROMISED = 60
"""Office hours before now after which what is not answered yet is so by appointment only."""


class Contacts:
    """The SSC's telephone, mailbox and counter."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def perhaps(self, story: Story) -> None:
        """Now and then somebody asks about a claim, some time after it was submitted."""
        if story.rng.random() < OFTEN:
            self._plan(story.rng.uniform(2, 40), partial(self._about, story))

    def _plan(self, hours: float, do: Any) -> None:
        self._stage.plan(later(self._stage.ssc_office, self._stage.now, hours), do)

    def _about(self, story: Story) -> None:
        state = self._stage.case(story.case_id).state
        fitting = [c for c in source("words")["contact"] if c["when"] == state and state != "unpaid"]
        if fitting:
            self._record(story.rng, story.person_id, story.case_id, story.rng.choice(fitting))

    def general(self, day: date) -> None:
        """On some days somebody asks a question that belongs to no claim."""
        rng = self._stage.rng("contact", day)
        if rng.random() < 0.3:
            person = rng.choice(list(self._stage.staff.members))
            said = rng.choice([c for c in source("words")["contact"] if not c["when"]])
            at = moment(day, rng.uniform(8.6, 16.5))
            self._stage.plan(at, partial(self._record, rng, person, None, said))

    def _record(self, rng: Random, person_id: int, case_id: int | None, said: dict[str, str]) -> None:
        """Somebody asks, and it is answered at once, promised, passed on or asked in the portal; some ask again."""
        stage = self._stage
        (channel,) = rng.choices(list(CHANNELS), list(CHANNELS.values()))
        (outcome,) = rng.choices(list(OUTCOMES), list(OUTCOMES.values()))
        clerk = rng.choice([c for c in stage.staff.clerks if c != person_id])
        # Of late all is answered at once: what waits now is by appointment.
        if stage.now > earlier(stage.ssc_office, stage.until, PROMISED):
            outcome, channel = "answered", "telephone" if channel == "portal" else channel
        line = min(int(said["line"]), 1 if outcome == "second" else 3)
        asked = Asked(
            said["subject"], said["question"], said["answer"] if outcome == "answered" else "", outcome, case_id
        )
        if channel == "portal":
            asked = Asked(said["subject"], said["question"], case_id=case_id)
            contact = ask_question(stage.session, stage.viewer(person_id), asked, f"{rng.getrandbits(64):x}", stage.now)
        else:
            spoken = Spoken(channel, line, (asked,), person_id)
            contact = record_contact(stage.session, stage.viewer(clerk), spoken, stage.now)
        if channel == "portal" or outcome != "answered":
            self._plan(rng.uniform(2, 7), partial(self._answer, contact.id, clerk, said["answer"]))
        if rng.random() < AGAIN:
            self._plan(rng.uniform(10, 60), partial(self._record, rng, person_id, case_id, said))

    def _questions(self, contact_id: int) -> list[ContactQuestion]:
        query = select(ContactQuestion).where(ContactQuestion.contact_id == contact_id)
        whole = query.options(joinedload(ContactQuestion.contact)).execution_options(populate_existing=True)
        return list(self._stage.session.scalars(whole.order_by(ContactQuestion.id)))

    def _answer(self, contact_id: int, clerk: int, text: str) -> None:
        for question in self._questions(contact_id):
            follow_up.answer(self._stage.session, self._stage.viewer(clerk), question, text, self._stage.now)
        self._stage.session.flush()

    def by_appointment(self) -> None:
        """What everybody finds: two calls to make today, one by somebody unknown, and questions without an answer."""
        anna, carla, els = (self._stage.staff.named[name] for name in ("anna", "carla", "els"))
        team = [m.id for m in self._stage.staff.of_team(self._stage.staff.named["bram"]) if m.id != anna]
        lost = "Mag ik een foto van een kassabon insturen als de bon zelf weg is?"
        first_class = "Mag ik de trein eerste klas declareren als de tweede klas vol is?"
        no_money = "Mijn bank zegt dat er niets is gestort. Klopt mijn rekening nog?"
        for hours, do in (
            (30, partial(self._asks, team[0], "receipts", lost)),
            (18, partial(self._asks, anna, "rules", first_class)),
            (9, partial(self._call, carla, team[-1], no_money)),
            (5, partial(self._second, els, anna)),
            (2, partial(self._unknown, els)),
        ):
            self._stage.plan(earlier(self._stage.ssc_office, self._stage.until, hours), do)

    def _asks(self, person_id: int, subject: str, text: str) -> None:
        stage = self._stage
        ask_question(
            stage.session, stage.viewer(person_id), Asked(subject, text), f"seed-{subject}-{person_id}", stage.now
        )

    def _call(self, clerk: int, person_id: int, text: str) -> None:
        """Two questions in one call; one of them was tried already."""
        at, session, viewer = self._stage.now, self._stage.session, self._stage.viewer(clerk)
        first = Asked("payment", text, outcome="call_back")
        other = Asked("portal", "Hoe kies ik een nieuw wachtwoord?", "Met de link op de aanmeldpagina. Samen gedaan.")
        contact = record_contact(session, viewer, Spoken("telephone", 1, (first, other), person_id), at)
        self._plan(2, partial(self._not_reached, contact, clerk))

    def _not_reached(self, contact: Contact, clerk: int) -> None:
        question = self._questions(contact.id)[0]
        note = "Voicemail, boodschap achtergelaten."
        follow_up.not_reached(self._stage.session, self._stage.viewer(clerk), question, note, self._stage.now)
        self._stage.session.flush()

    def _second(self, clerk: int, person_id: int) -> None:
        asked = Asked("rules", "Geldt er een ander tarief als ik met de elektrische fiets kom?", outcome="second")
        spoken = Spoken("counter", 1, (asked,), person_id)
        record_contact(self._stage.session, self._stage.viewer(clerk), spoken, self._stage.now)

    def _unknown(self, clerk: int) -> None:
        asked = Asked("progress", "Hij heeft vorige week bonnen opgestuurd. Zijn die er?", outcome="call_back")
        spoken = Spoken("telephone", 1, (asked,), caller="De heer Willems of Wilms, belt vanaf de gemeentewerf")
        record_contact(self._stage.session, self._stage.viewer(clerk), spoken, self._stage.now)

"""What people ask the SSC, about a claim or in general, and what they are told."""

from __future__ import annotations

from datetime import date
from functools import partial
from random import Random

from portal.commands.contact import Asked, Spoken, record_contact
from seed.filing import Story
from seed.office import later, moment
from seed.sources import source
from seed.stage import Stage

OFTEN = 0.06
"""The part of claims that somebody calls or writes about."""
CHANNELS = {"telephone": 50, "e-mail": 30, "counter": 12, "portal": 7, "post": 1}


class Contacts:
    """The SSC's telephone, mailbox and counter."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def perhaps(self, story: Story) -> None:
        """Now and then somebody asks about a claim, some time after it was submitted."""
        if story.rng.random() < OFTEN:
            at = later(self._stage.ssc_office, self._stage.now, story.rng.uniform(2, 40))
            self._stage.plan(at, partial(self._about, story))

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
        stage = self._stage
        clerk = rng.choice([c for c in stage.staff.clerks if c != person_id])
        (channel,) = rng.choices(list(CHANNELS), list(CHANNELS.values()))
        asked = Asked(said["subject"], said["question"], said["answer"], case_id=case_id)
        spoken = Spoken(channel, int(said["line"]), (asked,), person_id)
        record_contact(stage.session, stage.viewer(clerk), spoken, stage.now)

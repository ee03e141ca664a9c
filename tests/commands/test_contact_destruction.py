"""Contacts without a case are destroyed as cases are: proposed when their period is over, approved, and certified."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands import contact_destruction, destruction
from portal.commands.contact import Asked, Spoken, record_contact
from portal.jobs import destroy
from portal.models.contact import Contact, ContactEntry, ContactQuestion
from portal.models.destruction import DestructionContact, DestructionList
from portal.models.events import REGISTER, CaseEvent
from portal.models.people import Policy
from portal.queries.chain import verify
from portal.queries.destruction import contacts_on
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.commands.helpers import pass_days, refused


def agree(session: Session, months: int = 24) -> None:
    session.add(Policy(key="contact_keep_months", value=str(months), valid_from=SINCE, source="Bewaarbeleid"))
    session.flush()


def spoke(
    session: Session, cast: Cast, name: str | None = "anna", *, case_id: int | None = None, outcome: str = "answered"
) -> int:
    """A contact of this person's (of somebody unknown without a name) that Carla recorded now."""
    asked = Asked("rules", "Mag dit?", "Ja" if outcome == "answered" else "", outcome, case_id=case_id)
    person = cast.people[name] if name else None
    spoken = Spoken("telephone", 1, (asked,), person, caller="" if name else "Een meneer, 06 1")
    contact = record_contact(session, cast.viewer(session, "carla"), spoken, cast.world.clock.now())
    session.flush()
    return contact.id


def night(world: World) -> None:
    pass_days(world, 1)
    destroy.run(world, world.clock.now())


def listed(session: Session) -> list[int]:
    return list(session.scalars(select(DestructionContact.contact_id).order_by(DestructionContact.id)))


def test_without_an_agreement_they_are_kept_for_good(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        spoke(session, cast)
    pass_days(world, 20 * 366)
    night(world)
    with world.db.session(writes=False) as session:
        assert listed(session) == []


def test_what_is_over_is_proposed_approved_destroyed_and_certified(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        agree(session)
        mine, unknown = spoke(session, cast), spoke(session, cast, None)
        claim = cast.submitted(session)
        tied, waiting = spoke(session, cast, case_id=claim.id), spoke(session, cast, outcome="call_back")
    pass_days(world, 730)
    night(world)
    with world.db.session(writes=False) as session:
        assert listed(session) == [], "two years and the day itself"
    night(world)
    with world.db.transaction() as session:
        assert listed(session) == [mine, unknown]
        on = session.scalars(select(DestructionList)).one()
        assert {item.article for item in contacts_on(session, on.id)} == {"Bewaarbeleid"}
        destruction.approve(session, cast.viewer(session, "hanna"), on, world.clock.now())
    night(world)
    with world.db.session(writes=False) as session:
        assert set(session.scalars(select(Contact.id))) == {tied, waiting}
        assert set(session.scalars(select(ContactQuestion.contact_id))) == {tied, waiting}
        left = select(ContactEntry).where(~ContactEntry.question_id.in_(select(ContactQuestion.id)))
        assert session.scalars(left).all() == []
        event = session.scalars(select(CaseEvent).where(CaseEvent.case_id == REGISTER)).one()
        assert (event.data["contacts"], event.data["count"]) == ([mine, unknown], 0)
        on = session.scalars(select(DestructionList)).one()
        assert on.digest == destruction.digest_of([], contacts_on(session, on.id)) == event.data["digest"]
        assert verify(session).broken is None


def test_the_last_thing_that_was_done_counts_and_once_on_a_list_it_is_not_put_on_another(
    world: World, cast: Cast
) -> None:
    with world.db.transaction() as session:
        agree(session, 12)
        contact = spoke(session, cast)
        question = session.scalars(select(ContactQuestion.id).where(ContactQuestion.contact_id == contact)).one()
        later = world.clock.now() + timedelta(days=200)
        session.add(ContactEntry(question_id=question, at=later, by_id=cast.people["carla"], kind="added", text="Ook"))
    pass_days(world, 400)
    night(world)
    with world.db.session(writes=False) as session:
        assert listed(session) == []
    pass_days(world, 200)
    for _ in range(3):
        night(world)
    with world.db.session(writes=False) as session:
        assert listed(session) == [contact]
        assert len(session.scalars(select(DestructionList)).all()) == 1


def test_what_is_kept_longer_stays_for_a_year_with_the_reason(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        agree(session, 12)
        contact = spoke(session, cast)
    pass_days(world, 400)
    night(world)
    with world.db.transaction() as session:
        on, hanna, now = (
            session.scalars(select(DestructionList)).one(),
            cast.viewer(session, "hanna"),
            world.clock.now(),
        )
        (item,) = contacts_on(session, on.id)

        def keep(reason: str) -> None:
            destruction.keep_contact_longer(session, hanna, on, item.id, reason, now)

        assert refused(lambda: keep(" ")) == {"keep_reason"}
        assert refused(lambda: keep("x" * 2001)) == {"reason_too_long"}
        keep("Er loopt een klacht")
        assert (item.kept_by_id, item.kept_reason) == (hanna.person_id, "Er loopt een klacht")
        assert refused(lambda: destruction.approve(session, hanna, on, now)) == {"list_empty"}
    night(world)
    with world.db.session(writes=False) as session:
        assert listed(session) == [contact]
    pass_days(world, 366)
    night(world)
    with world.db.transaction() as session:
        assert listed(session) == [contact, contact]
        on = session.scalars(select(DestructionList).order_by(DestructionList.id.desc())).first()
        assert on is not None
        destruction.approve(session, cast.viewer(session, "hanna"), on, world.clock.now())
        hanna, now = cast.viewer(session, "hanna"), world.clock.now()
        item_id = contacts_on(session, on.id)[-1].id
        codes = refused(lambda: destruction.keep_contact_longer(session, hanna, on, item_id, "Toch", now))
        assert codes == {"list_closed"}


def test_what_came_to_belong_to_a_case_since_is_left_alone(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        agree(session, 12)
        contact = spoke(session, cast)
        claim = cast.submitted(session).id
    pass_days(world, 400)
    night(world)
    with world.db.transaction() as session:
        on = session.scalars(select(DestructionList)).one()
        destruction.approve(session, cast.viewer(session, "hanna"), on, world.clock.now())
        session.scalars(select(ContactQuestion)).one().case_id = claim
        assert contact_destruction.to_destroy(session, on) == []
    night(world)
    with world.db.session(writes=False) as session:
        assert session.get(Contact, contact) is not None

"""Keeping the catalogue of services: dated terms and prices, of all and of one municipality."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.commands import catalogue as commands
from portal.commands.catalogue import NewService, Terms
from portal.commands.changes import COMMAND_LINE, Author
from portal.models.catalogue import Service, ServicePrice, ServiceTerms
from portal.models.changes import Change
from portal.queries.catalogue import price_on, prices_on, service_by_key, services_on
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import refused

TODAY = date(2026, 11, 24)
NEW_YEAR = date(2027, 1, 1)
CLAIMS = NewService(
    "expense_claims", "Declaraties", "case",
    Terms("Wij controleren en betalen.", "Binnen drie dagen.", norms={"claims_paid": "95%", "satisfaction": "7,0"}),
    delivered_by="case:expense_claim",
)  # fmt: skip


@dataclass
class Kept:
    """The catalogue at work, for all municipalities."""

    session: Session
    cast: Cast
    author: Author = COMMAND_LINE

    @property
    def now(self) -> Any:
        return self.cast.world.clock.now()

    def add(self, new: NewService = CLAIMS, first: date | None = NEW_YEAR, source: str = "Besluit") -> Service:
        return commands.add_service(self.session, self.author, new, first, source, self.now, TODAY)

    def price(self, service: Service, cents: int | None, first: date | None, place: str = "") -> ServicePrice:
        where = self.cast.municipalities[place] if place else None
        return commands.set_price(self.session, self.author, service, where, cents, first, "Besluit", self.now, TODAY)

    def terms(self, service: Service, terms: Terms, first: date | None, place: str = "") -> ServiceTerms:
        where = self.cast.municipalities[place] if place else None
        return commands.set_terms(self.session, self.author, service, where, terms, first, "Besluit", self.now, TODAY)


@pytest.fixture
def kept(world: World, cast: Cast) -> Iterator[Kept]:
    with world.db.session() as session:
        yield Kept(session, cast)


def test_a_price_holds_until_the_next_and_an_own_one_goes_first(kept: Kept) -> None:
    ours, theirs = kept.cast.municipalities["waterveen"], kept.cast.municipalities["duinrade"]
    service = kept.add()
    assert service_by_key(kept.session, "expense_claims") is service
    kept.price(service, 1200, date(2028, 1, 1))
    kept.price(service, 1100, NEW_YEAR)
    kept.price(service, 900, date(2027, 7, 1), "duinrade")

    def costs(place: int, day: date) -> int | None:
        found = price_on(kept.session, service, place, day)
        return found.cents if found else None

    assert [costs(ours, day) for day in (TODAY, NEW_YEAR, date(2027, 12, 31), date(2028, 1, 1))] == [
        None, 1100, 1100, 1200,
    ]  # fmt: skip
    assert [costs(theirs, day) for day in (date(2027, 6, 30), date(2027, 7, 1), date(2028, 1, 1))] == [1100, 900, 900]
    assert prices_on(kept.session, None, date(2027, 8, 1))[service.id].cents == 1100
    assert list(services_on(kept.session, TODAY)) == []
    assert list(services_on(kept.session, NEW_YEAR)) == [service]
    log = kept.session.scalars(select(Change.what).order_by(Change.id)).all()
    assert log == ["service.added", "service.price", "service.price", "service.price"]


def test_what_is_to_come_can_be_taken_back_and_what_it_ended_goes_on(kept: Kept) -> None:
    service = kept.add()
    first = kept.price(service, 1100, NEW_YEAR)
    following = kept.price(service, 1200, date(2028, 1, 1))
    assert first.valid_to == date(2027, 12, 31)
    assert refused(lambda: commands.take_back(kept.session, kept.author, following, " ", kept.now, TODAY)) == {
        "change_reason_missing"
    }
    commands.take_back(kept.session, kept.author, following, "Toch niet", kept.now, TODAY)
    assert first.valid_to is None
    assert refused(lambda: commands.take_back(kept.session, kept.author, first, "Weg", kept.now, NEW_YEAR)) == {
        "service_begun"
    }
    (terms,) = kept.session.scalars(select(ServiceTerms)).all()
    assert terms.norms == {"claims_paid": "95", "satisfaction": "7"}
    assert terms.rules_en == "Binnen drie dagen."
    # A service is never without terms.
    assert refused(lambda: commands.take_back(kept.session, kept.author, terms, "Weg", kept.now, TODAY)) == {
        "service_begun"
    }


def test_all_that_is_wrong_is_said_at_once(kept: Kept) -> None:
    service = kept.add()
    nothing = NewService("Met Spatie", "", "uur", Terms("", ""), delivered_by="case:onzin")
    assert refused(lambda: kept.add(nothing, None, "")) == {
        "service_key_wrong", "service_name_missing", "service_unit_unknown", "service_delivery_unknown",
        "service_description_missing", "service_rules_missing", "service_source_missing", "service_day_to_come",
    }  # fmt: skip
    strange = replace(CLAIMS, name="x" * 121, terms=Terms("a", "b", norms={"onzin": "1", "claims_paid": "101"}))
    assert refused(lambda: kept.add(strange)) == {
        "service_key_taken", "service_text_too_long", "service_indicator_unknown", "target_wrong",
    }  # fmt: skip
    mark = Terms("a", "b", norms={"satisfaction": "11"})
    assert refused(lambda: kept.terms(service, mark, NEW_YEAR - timedelta(days=1))) == {
        "target_mark_wrong", "service_not_offered",
    }  # fmt: skip
    assert refused(lambda: kept.price(service, None, TODAY)) == {"service_price_missing", "service_day_to_come"}
    kept.price(service, 1, NEW_YEAR)
    assert refused(lambda: kept.price(service, 2, NEW_YEAR)) == {"service_same_day"}
    assert refused(lambda: kept.terms(service, CLAIMS.terms, NEW_YEAR)) == {"service_same_day"}


def test_a_service_ends_once_and_its_manager_keeps_to_their_municipalities(kept: Kept) -> None:
    service = kept.add()

    def end(last: date | None, today: date = TODAY) -> None:
        commands.end_service(kept.session, kept.author, service, last, "Stopt", kept.now, today)

    assert refused(lambda: end(TODAY)) == {"service_day_to_come"}
    end(date(2027, 6, 30))
    assert refused(lambda: kept.price(service, 1, date(2027, 7, 1))) == {"service_not_offered"}
    assert refused(lambda: end(date(2028, 1, 1), date(2027, 7, 1))) == {"service_ended"}
    kept.author = Author(kept.cast.people["hanna"], frozenset({kept.cast.municipalities["waterveen"]}))
    for do in (
        lambda: kept.price(service, 1, NEW_YEAR),
        lambda: kept.price(service, 1, NEW_YEAR, "duinrade"),
        lambda: kept.add(replace(CLAIMS, key="other")),
        lambda: end(date(2027, 3, 1)),
    ):
        assert refused(do) == {"outside_your_work"}
    assert kept.price(service, 1, NEW_YEAR, "waterveen").cents == 1


def test_the_database_keeps_one_price_a_day_for_all(kept: Kept) -> None:
    service = kept.add()
    for _ in range(2):
        kept.session.add(ServicePrice(service_id=service.id, cents=1, valid_from=NEW_YEAR, source="Besluit"))
    with pytest.raises(IntegrityError):
        kept.session.flush()

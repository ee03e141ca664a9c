"""Views of the queue: whose they are, what they are called, and who begins with them."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands import views
from portal.models.views import FirstView, QueueView
from portal.queries.views import view_for, views_for
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import refused

LATE = {"leeftijd": "late"}


def keep(session: Session, cast: Cast, who: str, name: str, *, shared: bool = False) -> QueueView:
    return views.keep(session, cast.people[who], name, LATE, shared=shared, at=cast.world.clock.now())


def seen(session: Session, cast: Cast, who: str) -> list[str]:
    return [view.name for view in views_for(session, cast.people[who]).all]


def test_ones_own_come_first_and_only_what_is_shared_is_seen(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        keep(session, cast, "carla", "Zaken van Waterveen")
        keep(session, cast, "carla", "Alles te laat", shared=True)
        private = keep(session, cast, "els", "Beetje te laat")
        assert seen(session, cast, "carla") == ["Alles te laat", "Zaken van Waterveen"]
        assert seen(session, cast, "els") == ["Beetje te laat", "Alles te laat"]
        assert view_for(session, cast.people["carla"], private.id) is None
        assert [view.name for view in views_for(session, cast.people["els"]).own(cast.people["els"])] == [private.name]


@pytest.mark.parametrize(
    ("name", "code"), [("  ", "view_name"), ("x" * 61, "view_name"), (" té  LAAT ", "view_name_taken")]
)
def test_a_name_is_short_and_ones_own(world: World, cast: Cast, name: str, code: str) -> None:
    with world.db.transaction() as session:
        keep(session, cast, "carla", "Té laat")
        other = keep(session, cast, "carla", "Anders")
        assert refused(lambda: keep(session, cast, "carla", name)) == {code}
        assert refused(lambda: views.change(session, cast.people["carla"], other, name, shared=False)) == {code}
        assert other.name == "Anders"
        keep(session, cast, "els", "Té laat")
        views.change(session, cast.people["carla"], other, " anders ", shared=False)
        assert other.name == "anders", "its own name is no obstacle"


def test_without_a_filter_there_is_no_view_and_thirty_is_enough(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        me, at = cast.people["carla"], world.clock.now()
        assert refused(lambda: views.keep(session, me, "Alles", {}, shared=False, at=at)) == {"view_of_all"}
        for number in range(views.MOST_OWN):
            keep(session, cast, "carla", f"Weergave {number}")
        assert refused(lambda: keep(session, cast, "carla", "Nog een")) == {"views_full"}
        keep(session, cast, "els", "Eerste")


def test_only_its_owner_changes_or_removes_a_view(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        view, els = keep(session, cast, "carla", "Gedeeld", shared=True), cast.people["els"]
        assert refused(lambda: views.change(session, els, view, "Anders", shared=True)) == {"view_not_yours"}
        assert refused(lambda: views.drop(session, els, view)) == {"view_not_yours"}
        assert view.name == "Gedeeld"


def test_one_begins_with_one_view_until_it_is_gone_or_private(world: World, cast: Cast) -> None:
    carla, els = cast.people["carla"], cast.people["els"]
    with world.db.transaction() as session:
        view, second = (
            keep(session, cast, "carla", "Een", shared=True),
            keep(session, cast, "carla", "Twee", shared=True),
        )
        for who in (carla, els):
            views.begin_with(session, who, view)
        views.begin_with(session, els, second)
        views.begin_with(session, els, view)
        firsts = [views_for(session, who).first for who in (carla, els)]
        assert firsts == [view, view]
        views.change(session, carla, view, "Een", shared=False)
        assert [views_for(session, who).first for who in (carla, els)] == [view, None]
        views.begin_with(session, els, second)
        views.drop(session, carla, second)
        views.drop(session, carla, view)
        session.flush()
        assert session.scalars(select(FirstView)).all() == []
        assert seen(session, cast, "carla") == []


def test_one_can_begin_with_all_cases_again(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        views.begin_with(session, cast.people["carla"], keep(session, cast, "carla", "Een"))
        views.begin_with(session, cast.people["carla"], None)
        assert views_for(session, cast.people["carla"]).first is None

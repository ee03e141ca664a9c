"""Dividing tasks: each from a day to come, followed and never changed."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from portal.access import Role
from portal.commands import tasks as commands
from portal.commands.changes import COMMAND_LINE, Author
from portal.models.changes import Change
from portal.models.people import Municipality
from portal.models.tasks import TaskDivision
from portal.queries.tasks import divided, divisions_on, history_of
from portal.worlds import World
from tests.cast import Cast
from tests.catalogue import services
from tests.commands.helpers import refused
from workflows.tasks import Divided

TODAY, NEXT, LATER = date(2026, 11, 24), date(2027, 1, 1), date(2027, 7, 1)


def test_who_does_it_is_followed_from_a_day_to_come(world: World, cast: Cast) -> None:
    now = world.clock.now()
    with world.db.session() as session:
        services(session, cast)
        place = session.get_one(Municipality, cast.municipalities["waterveen"])

        def divide(task: str = "P8B", doer: str = "ssc", by: tuple[str, ...] = ("expense_claims",),
                   first: date | None = NEXT, source: str = "DVO", author: Author = COMMAND_LINE) -> Any:  # fmt: skip
            return commands.divide(session, author, place, task, doer, by, "", first, source, now, TODAY)

        def on(day: date) -> Any:
            return divided(divisions_on(session, [place.id], day)[place.id])

        assert refused(lambda: divide("X9", "niemand", ("onzin",), TODAY, " ")) == {
            "task_unknown", "task_doer_unknown", "task_service_unknown", "task_day_to_come", "task_source_missing",
        }  # fmt: skip
        assert refused(lambda: divide("P1A", "municipality")) == {"task_stays", "task_service_without_ssc"}
        theirs = Author(cast.people["hanna"], frozenset({cast.municipalities["duinrade"]}))
        assert refused(lambda: divide(author=theirs)) == {"outside_your_work"}
        later = divide(doer="municipality", by=(), first=LATER)
        first = divide()
        assert refused(divide) == {"task_same_day"}
        assert (first.valid_to, on(TODAY), on(LATER)) == (
            date(2027, 6, 30), {}, {"P8B": Divided("municipality")},
        )  # fmt: skip
        assert on(NEXT) == {"P8B": Divided("ssc", ("expense_claims",))}
        assert refused(lambda: commands.take_back(session, COMMAND_LINE, first, "Weg", now, NEXT)) == {"task_begun"}
        assert refused(lambda: commands.take_back(session, COMMAND_LINE, later, "", now, TODAY)) == {
            "change_reason_missing"
        }
        commands.take_back(session, COMMAND_LINE, later, "Toch niet", now, TODAY)
        assert [row.valid_to for row in history_of(session, place.id, "P8B")] == [None]
        assert session.scalars(select(Change.what).where(Change.what.startswith("task."))).all() == [
            "task.divided", "task.divided", "task.withdrawn",
        ]  # fmt: skip
        ilse = commands.author_of(cast.viewer(session, "ilse"))
        assert (ilse.person_id, ilse.places) == (cast.people["ilse"], None)
        assert not cast.viewer(session, "farid").has(Role.DIRECTOR)
        assert session.scalars(select(TaskDivision.source)).all() == ["DVO"]

"""What steps and bank files ask of the database: a few statements, and no more when there is more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from portal.commands import bank, cases
from portal.worlds import World
from tests import bank_messages as xml
from tests.cast import Cast
from tests.commands.helpers import whole
from tests.commands.money import booked, debit, lines_in, release, status
from tests.web.test_statements import counted

MOST = {"submit": 17, "approve": 11, "next": 4, "check": 12}
"""How many statements each step of a claim takes at most, with its commit, once it is known who takes it."""


def asked(world: World, do: Callable[[Session], Any]) -> int:
    """How many statements this takes in a transaction of its own."""
    with counted(world) as found, world.db.transaction() as session:
        do(session)
    return len(found)


def test_each_step_of_a_claim_asks_little(world: World, cast: Cast) -> None:
    now, took = world.clock.now(), {}
    with world.db.transaction() as session:
        case_id = cast.draft(session, "anna").id
        viewers = {name: cast.viewer(session, name) for name in ("anna", "bram", "carla")}

    def step(key: str, name: str, **given: Any) -> Callable[[Session], Any]:
        def act(session: Session) -> None:
            cases.act_as(session, viewers[name], whole(session, case_id), key, cases.Given(**given), now)

        return act

    with world.db.session(writes=False) as session:
        content = cast.content(whole(session, case_id))
    took["submit"] = asked(world, step("submit", "anna", content=content))
    took["approve"] = asked(world, step("approve", "bram"))
    took["next"] = asked(world, lambda session: cases.take_next(session, viewers["carla"], now))
    with world.db.transaction() as session:
        for check in ("legible", "amount", "date", "for_work"):
            cases.tick(whole(session, case_id), viewers["carla"], "a", check, True, now)
    took["check"] = asked(world, step("check", "carla", content=content))
    assert {key: number for key, number in took.items() if number > MOST[key]} == {}


def asking(found: list[str]) -> int:
    return len([statement for statement in found if statement.startswith("SELECT")])


def test_a_batch_and_the_bank_ask_no_more_for_many_payments(world: World, cast: Cast) -> None:
    now, took = world.clock.now(), []
    for many in (1, 4):
        with world.db.transaction() as session:
            for number in range(many):
                cast.payable(session, key=f"{many}-{number}")
        with counted(world) as found, world.db.transaction() as session:
            batch = release(session, cast)
        with world.db.session(writes=False) as session:
            lines = lines_in(session, batch)
        took.append(asking(found))
        accepted = status(batch, *(xml.line(line.end_to_end_id, "ACSP") for line in lines))
        for file in (accepted, booked(*(debit(line) for line in lines))):
            with counted(world) as found, world.db.transaction() as session:
                assert bank.take_in(session, file, "answer.xml", now).unmatched == 0
            took.append(asking(found))
    assert took[:3] == took[3:]

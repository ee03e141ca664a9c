"""The settlements of the history: costs and advances of each quarter, made final, one put right, one disputed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.access import Role, Viewer
from portal.clock import local_date
from portal.commands import cases, costs, disputes, settlements
from portal.models.cases import Case
from portal.models.people import Employment, Municipality, Policy, Unit
from portal.queries.settlements import last_final, running
from seed.office import earlier, later, moment
from seed.organisation import Branch
from seed.people import Staff
from seed.sources import source
from seed.stage import Stage
from workflows.addressees import ADDRESSEE, SENDER, VAT
from workflows.kernel import Given
from workflows.money import plain
from workflows.quarters import first_day, last_day, next_quarter, quarter_before, quarter_of
from workflows.settled import account_of
from workflows.settlement import BY_KEY, MIXED, PRICE
from workflows.settlement_dispute.content import correct

READY = 12
"""Days after a quarter on which it is settled."""
PUT_RIGHT = timedelta(days=4)
"""How long after it was final the one but last is disputed, and put right."""
DISPUTED = 26
"""How many office hours before now the last one is disputed."""


def build(session: Session, staff: Staff, branches: Iterable[Branch], begin: date) -> None:
    """Who sends and gets the invoices, and the keys of every year until now."""
    plan, since = source("settlement"), date(begin.year - 1, 1, 1)
    viewer = Viewer(staff.named["dirk"], "Dirk", "nl", frozenset({(Role.TREASURER, None)}))
    rules = plan["policies"]
    session.add(_policy(SENDER, _record(plan["sender"]), since, rules["source"]))
    session.add(_policy(VAT, "0", since, rules["vat"]))
    at = moment(since, 9)
    costs.enter_weights(session, viewer, _texts(plan["weights"]), since, plan["weights"]["source"], at)
    for branch in branches:
        place = branch.municipality
        session.add(_policy(ADDRESSEE, _record(_addressee(place)), since, rules["source"], place.id))
        people = _employees(session, place)
        values = {"employees": people, "inhabitants": plan["inhabitants"][place.code], "users": people}
        for key, value in values.items():
            said = plan["inhabitants"]["source"] if key == "inhabitants" else plan["sources"][key]
            costs.enter_amount(session, viewer, place.id, key, f"{value}", since, said, at)
    session.flush()


def _policy(key: str, value: str, since: date, written: str, place: int | None = None) -> Policy:
    return Policy(key=key, value=value, valid_from=since, valid_to=None, source=written, municipality_id=place)


def _record(said: dict[str, str]) -> str:
    inside = ", ".join(f'"{key}": "{text}"' for key, text in sorted(said.items()))
    return f"{{{inside}}}"


def _texts(said: dict[str, object]) -> dict[str, str]:
    return {key: str(value) for key, value in said.items() if key != "source"}


def _addressee(place: Municipality) -> dict[str, str]:
    return {
        "name": place.account_name, "registration": f"00000001{place.id:012d}", "street": "Raadhuisplein 1",
        "postcode": "1234 AB", "city": place.name, "email": f"facturen@{place.code}.example", "reference": "SSC-DFA",
    }  # fmt: skip


def _employees(session: Session, place: Municipality) -> int:
    query = select(func.count(Employment.person_id.distinct())).join(Unit, Unit.id == Employment.unit_id)
    return int(session.scalar(query.where(Unit.municipality_id == place.id, Employment.valid_to.is_(None))) or 1)


class Settler:
    """Dirk, who enters and prepares, and Ilse, who makes final; Farid, who disputes."""

    def __init__(self, stage: Stage, begin: date) -> None:
        self.stage = stage
        self.quarters = [quarter_before(quarter_of(begin))]
        while last_day(following := next_quarter(self.quarters[-1])) + timedelta(days=READY) <= local_date(stage.until):
            self.quarters.append(following)
        self._begin = begin

    def plan(self) -> None:
        """Put every quarter that is over on the agenda, and what is said against two of them."""
        for quarter in self.quarters:
            day = max(last_day(quarter) + timedelta(days=READY), self._begin + timedelta(days=1))
            self.stage.plan(moment(day, 14), partial(self._settle, quarter))
            if quarter == self.quarters[-2:][0] and len(self.quarters) > 1:
                at = later(self.stage.ssc_office, moment(day, 11) + PUT_RIGHT, 0.5)
                self.stage.plan(at, partial(self._dispute_first, quarter))
        self.stage.plan(earlier(self.stage.ssc_office, self.stage.until, DISPUTED), self._dispute_last)

    def _viewer(self, name: str) -> Viewer:
        return self.stage.viewer(self.stage.staff.named[name])

    def _settle(self, quarter: str) -> None:
        session, dirk, now, plan = self.stage.session, self._viewer("dirk"), self.stage.now, source("settlement")
        people = sum(_employees(session, place) for place in self.stage.municipalities.values())
        for row in plan["cost"]:
            # Of which quarter it is makes it a little more or less.
            usual = people * row["cents"] + row.get("fixed", 0)
            cents = usual * (97 + len(row["label"]) % 4 + int(quarter[-1])) // 100
            typed = costs.NewCost(
                quarter, row["label"], row["kind"], row.get("driver", ""), plain(cents), row["source"]
            )
            costs.enter_cost(session, dirk, typed, now)
        codes, post = {place.code: place.id for place in self.stage.municipalities.values()}, plan["compensation"]
        costs.enter_compensation(
            session, dirk, quarter, codes[post["payer"]], codes[post["receiver"]], plain(post["cents"]), post["reason"],
            post["source"], now,
        )  # fmt: skip
        # Before there were agreements, all was shared by the mixed key.
        agreed = first_day(quarter).year >= self._begin.year and quarter != self.quarters[0]
        if agreed:
            costs.enter_agreed(session, dirk, quarter, now)
        made = settlements.make(
            session, dirk, quarter, PRICE if agreed else BY_KEY, "" if agreed else MIXED, "", now
        )  # fmt: skip
        settlements.prepare(session, dirk, quarter, made.id, now)
        settlements.make_final(session, self._viewer("ilse"), quarter, made.id, now)

    def _dispute(self, quarter: str, why: str) -> Case | None:
        """Farid disputes the largest line of his municipality."""
        session, farid, now = self.stage.session, self._viewer("farid"), self.stage.now
        settlement = last_final(session, quarter)
        mine = farid.municipalities(Role.CONTRACT_MANAGER) or frozenset()
        place = next((one for one in self.stage.municipalities.values() if one.id in mine), None)
        account = account_of(settlement.figures, place.code) if settlement and place else None
        if settlement is None or place is None or account is None:
            return None
        lines = [line for line in account["lines"] if line["kind"] != "compensation"]
        line = max(lines, key=lambda one: (one["unit"] == "case" and one["cents"] > 0, one["cents"]))
        draft = disputes.dispute(session, farid, settlement, place, line["key"], now)
        session.flush()
        case = self.stage.case(draft.id)
        said = {**case.content, "objection": source("settlement")["dispute"][why], "should_be_cents": None}
        cases.act_as(session, farid, case, "submit", Given(content=said), now)
        return case

    def _dispute_last(self) -> None:
        self._dispute(self.quarters[-1], "again")

    def _dispute_first(self, quarter: str) -> None:
        """Farid is right: the next day a clerk takes some off, and Ilse makes that final."""
        stage = self.stage
        case = self._dispute(quarter, "objection")
        if case is not None and case.content["cents"]:
            stage.plan(later(stage.ssc_office, stage.now, 6), partial(self._put_right, case.id))
            stage.plan(later(stage.ssc_office, stage.now, 11), partial(self._restate, quarter))

    def _put_right(self, case_id: int) -> None:
        """Whoever took it from the queue decides, else Carla."""
        case, now = self.stage.case(case_id), self.stage.now
        clerk = self.stage.viewer(case.assignee_id) if case.assignee_id else self._viewer("carla")
        cases.take(self.stage.session, clerk, case, now)
        of_count = case.content["unit"] == "case"
        typed = (
            {"correct-quantity": str(max(0, case.content["quantity"] - 1))} if of_count
            else {"correct-amount": plain(case.content["cents"] * 98 // 100)}
        )  # fmt: skip
        content, _ = correct(case.content, typed, "nl")
        given = Given(source("settlement")["dispute"]["reason"], content)
        cases.act_as(self.stage.session, clerk, case, "correct", given, now)

    def _restate(self, quarter: str) -> None:
        restated = running(self.stage.session, quarter)
        if restated is not None:
            settlements.make_final(self.stage.session, self._viewer("ilse"), quarter, restated.id, self.stage.now)

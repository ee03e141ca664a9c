"""What makes a personnel file more than a list: people who came, left, moved, work in two places; and who signs in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commands.sign_in import hash_password
from portal.models.people import Account, Unit
from seed.organisation import Branch
from seed.people import Member, Settling, Staff, plain

PASSWORD = "welkom-bij-vierstroom"  # noqa: S105 - of every invented account; the demo tells it to everybody
ONE_DAY = timedelta(days=1)


def careers(settling: Settling, branches: Sequence[Branch], rng: Random, first: date, last: date) -> None:
    """Let some ordinary employees come, leave, move or take a second job during the history."""
    ordinary = [m for m in settling.staff.members.values() if _is_ordinary(settling.staff, m)]
    rng.shuffle(ordinary)
    each = max(1, len(ordinary) // 60)

    def some_day() -> date:
        return first + timedelta(days=rng.randrange((last - first).days * 3 // 4 + 1))

    for _ in range(min(each, len(ordinary) // 6)):
        settling.begin(ordinary.pop().posts[0], some_day())
        settling.end(ordinary.pop().posts[0], some_day() + 20 * ONE_DAY)
        _move_within(settling, ordinary.pop(), branches, some_day())
        _move_away(settling, ordinary.pop(), branches, rng, some_day())
        _second_job(settling, ordinary.pop(), branches, rng, some_day())


def _is_ordinary(staff: Staff, member: Member) -> bool:
    special = {*staff.named.values(), *staff.clerks, *staff.treasurers, *staff.leaders.values()}
    return member.id not in special and member.rank == "employee"


def _branch_of(branches: Sequence[Branch], member: Member) -> Branch:
    return next(b for b in branches if b.municipality.id == member.posts[-1].municipality_id)


def _move_within(settling: Settling, member: Member, branches: Sequence[Branch], day: date) -> None:
    branch, post = _branch_of(branches, member), member.posts[-1]
    unit = next((team for _, team in branch.teams if team.id != post.unit_id), branch.staff)
    settling.end(post, day - ONE_DAY)
    member.posts.append(settling.employ(member.person, branch, unit, "Adviseur", day))


def _elsewhere(branches: Sequence[Branch], member: Member, rng: Random) -> tuple[Branch, Unit]:
    here = _branch_of(branches, member)
    branch = rng.choice([b for b in branches if b is not here])
    return branch, rng.choice(branch.teams)[1]


def _move_away(settling: Settling, member: Member, branches: Sequence[Branch], rng: Random, day: date) -> None:
    """To another municipality: costs of before that day are claimed at the old one."""
    branch, unit = _elsewhere(branches, member, rng)
    settling.end(member.posts[-1], day - ONE_DAY)
    member.posts.append(settling.employ(member.person, branch, unit, "Projectleider", day))


def _second_job(settling: Settling, member: Member, branches: Sequence[Branch], rng: Random, day: date) -> None:
    branch, unit = _elsewhere(branches, member, rng)
    second = settling.employ(member.person, branch, unit, "Adviseur (deeltijd)", day)
    # The first job stays the one that claims are made in, so it stands last.
    member.posts.insert(0, second)


def accounts(session: Session, staff: Staff, branches: Sequence[Branch]) -> None:
    """Accounts of the named people (first name), the SSC, and of some managers and employees (first.last)."""
    one_hash = hash_password(PASSWORD)
    by_person = {person: name for name, person in staff.named.items()}
    for person in _who_sign_in(staff, branches):
        full_name = staff.members[person].person.name
        session.add(
            Account(
                person_id=person, username=by_person.get(person) or _free(session, full_name), password_hash=one_hash
            )
        )
        session.flush()


def _free(session: Session, name: str) -> str:
    wanted = plain(name)
    taken = set(session.scalars(select(Account.username).where(Account.username.startswith(wanted))))
    return next(n for n in (wanted, *(f"{wanted}{i}" for i in range(2, 99))) if n not in taken)


def _who_sign_in(staff: Staff, branches: Sequence[Branch]) -> dict[int, None]:
    """In the order in which the demo shows them, each once."""
    ssc = branches[0].ssc
    at_ssc = [m.id for m in staff.members.values() if ssc is not None and m.posts[-1].unit_id == ssc.id]
    managers = [
        staff.leaders[unit.id]
        for branch in branches
        for unit in (branch.staff, branch.directorates[0], branch.teams[0][1])
    ]
    busy = [m.id for m in staff.members.values() if len(m.posts) > 1]
    return dict.fromkeys((*staff.named.values(), *at_ssc, *managers, *busy[:6]))

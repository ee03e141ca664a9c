"""Post that was scanned: read askew and speckled, put with the right case once, and never lost when it cannot be."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.commands import post
from portal.commands.cases import take
from portal.interfaces.cover_codes import code_for, number_in
from portal.interfaces.files import take_in as judged
from portal.interfaces.files.scans import Group, grouped
from portal.jobs import scan_folder, tidy
from portal.jobs.telling import told
from portal.models.cases import Case, Document
from portal.models.events import CaseEvent
from portal.models.mail import MailLink, OutboxMail
from portal.models.post import Scan, ScanPart
from portal.queries.chain import verify
from portal.worlds import COVER, World
from tests.cast import Cast
from tests.commands.helpers import refused, whole
from tests.sample_files import EICAR, pdf_with_script
from tests.scans import cover, paper, pdf, sheet


def drop(world: World, content: bytes, name: str = "scan.pdf") -> Path:
    world.settings.scan_in.mkdir(parents=True, exist_ok=True)
    file = world.settings.scan_in / name
    file.write_bytes(content)
    return file


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if file.is_file())


def parts(world: World) -> list[tuple[int, int, str, str, bool]]:
    """First page, number of pages, why it waits, number, and whether it is with a case."""
    with world.db.session(writes=False) as session:
        found = session.scalars(select(ScanPart).order_by(ScanPart.id))
        return [(part.first_page, part.pages, part.why, part.number, part.case_id is not None) for part in found]


def submitted(world: World, cast: Cast, name: str = "anna", key: str = "k1") -> str:
    with world.db.transaction() as session:
        return cast.submitted(session, name, key=key).number or ""


def test_one_scan_of_two_cases_goes_to_both_without_the_sheets(world: World, cast: Cast) -> None:
    anna, aart = submitted(world, cast), submitted(world, cast, "aart")
    content = pdf([
        cover(world, anna, angle=4, speckles=40_000), paper(1), paper(2),
        cover(world, aart, "a", angle=183), paper(3),
    ])  # fmt: skip
    drop(world, content)
    at = world.clock.now()
    assert scan_folder.take_in(world, at) == told("scan", name="scan.pdf", tied=2, waiting=0)
    assert parts(world) == [(2, 2, "", anna, True), (5, 1, "", aart, True)]
    assert names(world.settings.scan_in / "taken") == ["scan.pdf"]
    assert names(world.settings.scan_in) == []
    with world.db.session(writes=False) as session:
        found = session.scalars(select(Document).where(Document.kind == "post").order_by(Document.id)).all()
        assert [(d.pages, d.line_key, d.frozen_at, d.added_by_id) for d in found] == [
            (2, "", at, cast.people["anna"]), (1, "a", at, cast.people["aart"]),
        ]  # fmt: skip
        assert all(world.files.read(document.sha256).startswith(b"%PDF") for document in found)
        events = session.scalars(select(CaseEvent).where(CaseEvent.action == "post_added")).all()
        assert [(event.channel, event.actor_id, event.from_state == event.to_state) for event in events] == [
            ("job", None, True), ("job", None, True),
        ]  # fmt: skip
        assert [event.data["document"] for event in events] == [document.id for document in found]
        mails = session.scalars(select(OutboxMail).where(OutboxMail.letter == "post_added").order_by(OutboxMail.id))
        assert [mail.address.partition("@")[0] for mail in mails] == ["anna", "bram", "aart", "bram"]
        assert verify(session).broken is None


@pytest.mark.parametrize(("angle", "speckles"), [(0, 0), (90, 0), (180, 60_000), (-7, 60_000), (270, 20_000)])
def test_a_code_is_read_however_the_sheet_lay(world: World, cast: Cast, angle: float, speckles: int) -> None:
    number = submitted(world, cast)
    drop(world, pdf([cover(world, number, angle=angle, speckles=speckles), paper()]))
    assert scan_folder.take_in(world, world.clock.now())[0]["tied"] == 1


def test_what_leads_to_no_open_case_waits_with_why(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        closed = cast.submitted(session)
        cast.act(session, "anna", closed, "withdraw")
        full = cast.submitted(session, key="full")
        for _ in range(99):
            session.add(Document(
                case_id=full.id, name="x", media_type="application/pdf", size=1, sha256="0" * 64,
                original_sha256="0" * 64, thumb_sha256=None, added_by_id=full.initiator_id, added_at=world.clock.now(),
                frozen_at=None,
            ))  # fmt: skip
        numbers = closed.number, full.number
    forged = sheet(code_for(b"another key", str(numbers[1])))
    destroyed = cover(world, "DEC-2019-000001")
    drop(world, pdf([
        paper(0), forged, paper(1), destroyed, paper(2), cover(world, numbers[0]), paper(3), cover(world, numbers[1]),
        paper(4), cover(world, numbers[1]),
    ]))  # fmt: skip
    assert scan_folder.take_in(world, world.clock.now()) == told("scan", name="scan.pdf", tied=0, waiting=6)
    assert parts(world) == [
        (1, 1, "no_code", "", False), (3, 1, "code_unknown", "", False), (5, 1, "code_unknown", "", False),
        (7, 1, "case_closed", numbers[0], False), (9, 1, "too_many_documents", numbers[1], False),
        (10, 1, "cover_alone", numbers[1], False),
    ]  # fmt: skip


def test_a_code_of_one_line_is_none_of_another_case(world: World, cast: Cast) -> None:
    number = submitted(world, cast)
    key = world.key(COVER)
    assert number_in(code_for(key, number)) == number
    assert len({code_for(key, number), code_for(key, number, "a"), code_for(key, "DEC-2026-000002")}) == 3
    drop(world, pdf([cover(world, number, "no such line"), paper()]))
    scan_folder.take_in(world, world.clock.now())
    assert parts(world) == [(2, 1, "code_unknown", "", False)]
    for text in ("", "SSC", f"SSC*{number}*", f"SSC*{number}*aaaaaaaaaaaaaaaaaaaa", "https://example.org"):
        assert number_in(text) == ""


def test_the_same_file_again_is_taken_in_once(world: World, cast: Cast) -> None:
    content = pdf([cover(world, submitted(world, cast)), paper()])
    for name in ("a.pdf", "a.pdf", "b.PDF"):
        drop(world, content, name)
        scan_folder.take_in(world, world.clock.now())
    assert names(world.settings.scan_in / "taken") == ["a-2.pdf", "a.pdf", "b.PDF"]
    assert len(parts(world)) == 1
    drop(world, content, "c.pdf")
    assert scan_folder.take_in(world, world.clock.now()) == told("scan_known", name="c.pdf")


def test_a_file_that_changed_just_now_waits_for_a_next_look(world: World, cast: Cast) -> None:
    careful = replace(world, settings=replace(world.settings, scan_settle=60))
    file = drop(world, pdf([paper()]))
    drop(world, b"not ours", "notes.txt")
    assert scan_folder.take_in(careful, world.clock.now()) == []
    assert names(world.settings.scan_in) == ["notes.txt", "scan.pdf"]
    older = file.stat().st_mtime - 61
    os.utime(file, (older, older))
    assert scan_folder.take_in(careful, world.clock.now()) == told("scan", name="scan.pdf", tied=0, waiting=1)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "file_empty"),
        (b"%PDF-1.7\nhalf", "file_damaged"),
        (b"no pdf at all", "file_type"),
        (EICAR, "file_infected"),
        (pdf_with_script(), "file_active_content"),
        (pdf([paper()])[:-400], "file_damaged"),
    ],
)
def test_a_broken_or_hostile_file_is_reported_and_kept(world: World, cast: Cast, content: bytes, why: str) -> None:
    drop(world, content)
    drop(world, pdf([cover(world, submitted(world, cast)), paper()]), "z-good.pdf")
    done = scan_folder.take_in(world, world.clock.now())
    assert done == [
        *told("scan_refused", name="scan.pdf", why=why),
        *told("scan", name="z-good.pdf", tied=1, waiting=0),
    ]
    assert (world.settings.scan_in / "refused" / "scan.pdf").read_bytes() == content
    assert parts(world)[0] == (0, 0, why, "", False)
    with world.db.session(writes=False) as session:
        assert session.scalars(select(Scan.refused).order_by(Scan.id)).all() == [why, ""]


def test_without_a_verdict_of_the_virus_scanner_nothing_comes_in(world: World, cast: Cast) -> None:
    away = replace(world, settings=replace(world.settings, clamd="127.0.0.1:1"))
    drop(world, pdf([paper()]))
    assert scan_folder.take_in(away, world.clock.now()) == told("scan_postponed", name="scan.pdf")
    assert names(world.settings.scan_in) == ["scan.pdf"]


A, B = "SSC*DEC-2026-000001*AAAAAAAAAAAAAAAAAAAA", "SSC*DEC-2026-000002*AAAAAAAAAAAAAAAAAAAA"


@pytest.mark.parametrize(
    ("codes", "groups"),
    [
        ([[], []], [Group("", (0, 1))]),
        ([[A], [], [B], []], [Group(A, (1,)), Group(B, (3,))]),
        ([[A], [A], [], []], [Group(A, (2, 3))]),
        ([[A], [], [A], []], [Group(A, (1,)), Group(A, (3,))]),
        ([[A], [B]], [Group(A, (0,), alone=True), Group(B, (1,), alone=True)]),
        ([["https://x", A], ["https://y"]], [Group(A, (1,))]),
        ([[A], [], None, []], [Group(A, (1,)), Group("", (2, 3), unread=True)]),
        ([None, None], [Group("", (0,), unread=True), Group("", (1,), unread=True)]),
        ([], []),
    ],
)
def test_pages_belong_with_the_sheet_before_them(codes: list[list[str] | None], groups: list[Group]) -> None:
    assert grouped(codes) == groups


def test_pages_that_were_not_looked_at_are_put_nowhere(world: World, cast: Cast) -> None:
    drop(world, pdf([cover(world, submitted(world, cast)), paper(1), huge(), paper(2)]))
    assert scan_folder.take_in(world, world.clock.now()) == told("scan", name="scan.pdf", tied=1, waiting=1)
    assert [part[2] for part in parts(world)] == ["", "page_unread"]


def huge() -> Image.Image:
    """A page of hundreds of metres, which nobody draws."""
    return Image.new("L", (60_000, 2), 255)


def waiting_part(session: Session) -> ScanPart:
    return session.scalars(select(ScanPart).where(ScanPart.settled_at.is_(None))).one()


def test_a_clerk_puts_pages_with_a_case_by_hand_once(world: World, cast: Cast) -> None:
    number = submitted(world, cast)
    drop(world, pdf([paper()]))
    scan_folder.take_in(world, world.clock.now())
    now = world.clock.now()
    with world.db.transaction() as session:
        carla, part = cast.viewer(session, "carla"), waiting_part(session)
        intake = judged(world.files.read(part.sha256), "scan.pdf")
        own = cast.submitted(session, "carla", key="own")
        case = whole(session, session.scalars(select(Case.id).where(Case.number == number)).one())

        def put(where: Case) -> None:
            post.put_with_case(session, world.files, carla, part, intake, where, now)

        assert refused(lambda: put(own)) == {"own_from_queue"}
        closed = whole(session, cast.submitted(session, "aart", key="closed").id)
        cast.act(session, "aart", closed, "withdraw")
        assert refused(lambda: put(closed)) == {"case_closed"}
        put(case)
        assert refused(lambda: put(case)) == {"part_settled"}
        assert refused(lambda: post.set_aside(carla, part, "Nee", now)) == {"part_settled"}
    with world.db.session(writes=False) as session:
        event = session.scalars(select(CaseEvent).where(CaseEvent.action == "post_added")).one()
        assert (event.actor_id, event.channel) == (cast.people["carla"], "portal")
        assert (
            session.scalars(select(Document.added_by_id).where(Document.kind == "post")).one() == cast.people["carla"]
        )


def test_pages_that_belong_nowhere_are_set_aside_with_a_reason(world: World, cast: Cast) -> None:
    drop(world, b"%PDF-1.7 broken")
    scan_folder.take_in(world, world.clock.now())
    now = world.clock.now()
    with world.db.transaction() as session:
        carla, part = cast.viewer(session, "carla"), waiting_part(session)
        assert refused(lambda: post.expect_pages(part)) == {"part_empty"}
        assert refused(lambda: post.set_aside(carla, part, " ", now)) == {"aside_reason"}
        assert refused(lambda: post.set_aside(carla, part, "x" * 2001, now)) == {"reason_too_long"}
        post.set_aside(carla, part, " Opnieuw gescand ", now)
        assert (part.set_aside, part.settled_by_id) == ("Opnieuw gescand", cast.people["carla"])


def test_what_waits_is_not_cleared_out_and_old_scans_are(world: World, cast: Cast) -> None:
    drop(world, pdf([paper(1)]), "waits.pdf")
    scan_folder.take_in(world, world.clock.now())
    with world.db.session(writes=False) as session:
        sha256 = waiting_part(session).sha256
    later = world.clock.now() + timedelta(days=400)
    old = world.clock.now().timestamp() - 60 * 86400
    os.utime(world.files.path(sha256), (old, old))
    os.utime(world.settings.scan_in / "taken" / "waits.pdf", (old, old))
    tidy.run(world, later)
    assert world.files.exists(sha256)
    assert names(world.settings.scan_in / "taken") == []
    with world.db.transaction() as session:
        session.execute(update(ScanPart).values(settled_at=later - timedelta(days=31), set_aside="Weg"))
    tidy.run(world, later)
    assert not world.files.exists(sha256)


def test_who_was_asked_before_the_paper_came_in_gets_a_new_link(world: World, cast: Cast) -> None:
    number = submitted(world, cast)
    drop(world, pdf([cover(world, number), paper()]))
    scan_folder.take_in(world, world.clock.now())
    with world.db.session(writes=False) as session:
        links = session.scalars(select(MailLink).order_by(MailLink.id)).all()
        version = session.scalars(select(Case.version).where(Case.number == number)).one()
        assert [(link.ended, link.case_version == version) for link in links] == [("superseded", False), (None, True)]


def test_whoever_has_the_case_is_told(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        case = cast.submitted(session)
        cast.act(session, "bram", case, "approve")
        number = case.number
    drop(world, pdf([cover(world, number), paper(1)]), "1.pdf")
    scan_folder.take_in(world, world.clock.now())
    with world.db.transaction() as session:
        take(session, cast.viewer(session, "els"), whole(session, case.id), world.clock.now())
    drop(world, pdf([cover(world, number), paper(2)]), "2.pdf")
    scan_folder.take_in(world, world.clock.now())
    with world.db.session(writes=False) as session:
        mails = session.scalars(select(OutboxMail).where(OutboxMail.letter == "post_added").order_by(OutboxMail.id))
        assert [mail.address.partition("@")[0] for mail in mails] == ["anna", "SSC", "anna", "els"]
        assert verify(session).broken is None

"""What agreements do to a claim on the pages: told before it is submitted, to who decides, and years after."""

from __future__ import annotations

import io
import json
from datetime import date
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from portal.commands import cases
from portal.models.cases import Case, CaseFlag
from portal.models.lines import CaseLine
from portal.models.mail import MailLink, OutboxMail
from portal.models.people import Policy
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.commands.helpers import at_once, whole
from tests.workflows.claims import CAR, HOME, typed
from workflows import CASE_TYPES

COMMUTE = CAR | {"category": "commuting"}


@pytest.fixture(autouse=True)
def agreed(world: World, cast: Cast) -> None:
    """What Waterveen agreed."""
    with world.db.transaction() as session:
        for key, value in (
            ("cap_own_car", json.dumps({"day": {"cents": 1500, "then": "cut"}})),
            ("claim_term_months", "3"),
            ("claim_categories", json.dumps(["own_car", "commuting", "home_working", "parking"])),
        ):
            session.add(
                Policy(
                    key=key, value=value, municipality_id=cast.municipalities["waterveen"], valid_from=SINCE,
                    article="artikel 4", source="Reisregeling Waterveen",
                )
            )  # fmt: skip


def handed_in(anna: Any, *lines: dict[str, str], key: str = "k") -> str:
    """A claim of these lines, submitted; its address."""
    draft = str(anna.post("/zaken/nieuw/expense_claim", {"client_key": key}).headers["Location"])
    anna.post(draft, {**typed(*lines), "do": "review"})
    answer = anna.post(f"{draft}/indienen")
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def draft_of(anna: Any, *lines: dict[str, str]) -> tuple[str, str]:
    """The address of a draft with these lines, and the page that says what is wrong with it."""
    draft = str(anna.post("/zaken/nieuw/expense_claim", {"client_key": "d"}).headers["Location"])
    anna.post(draft, {**typed(*lines), "do": "review"})
    return draft, anna.get(f"{draft}?controle=1").text


def test_the_employee_is_told_before_submitting_what_is_cut(browse: Any) -> None:
    anna = browse("anna")
    draft, page = draft_of(anna, CAR)
    told = "€ 19,32 is € 15,00 geworden: het maximum is € 15,00 per dag."
    assert told in page.replace("\xa0", " ")
    assert anna.post(f"{draft}/bewaren", typed(CAR)).json["total"].replace("\xa0", " ") == "€ 15,00"
    page = anna.get(f"{draft}/controleren").text.replace("\xa0", " ")
    assert told in page
    assert "artikel 4, Reisregeling Waterveen, sinds 1 januari 2020" in page


def test_nobody_is_promised_what_the_most_of_that_day_leaves_nothing_of(browse: Any) -> None:
    anna = browse("anna")
    handed_in(anna, CAR)
    draft, page = draft_of(anna, CAR)
    assert "het maximum is al bereikt" in page
    assert 'data-total aria-live="polite">€ 0,00</strong>' in page.replace("\xa0", " ")
    assert anna.post(f"{draft}/bewaren", typed(CAR)).json["total"].replace("\xa0", " ") == "€ 0,00"


def test_approver_and_clerk_read_what_was_cut_and_the_dossier_says_why(world: World, cast: Cast, browse: Any) -> None:
    address = handed_in(browse("anna"), CAR)
    with world.db.session(writes=False) as session:
        case = session.scalars(select(Case)).one()
        assert (case.claimed_cents, case.sanctioned_cents) == (1932, 1500)
        assert session.scalars(select(CaseLine.granted_cents)).all() == [1500]
        flag = session.scalars(select(CaseFlag)).one()
        assert (flag.code, flag.asks) == ("cap_cut", False)
        nonce = session.scalars(select(MailLink.nonce)).one()
    told = "€ 19,32 is € 15,00 geworden: het maximum is € 15,00 per dag."
    page = browse().get(f"/akkoord/{world.link_token(nonce)}").text.replace("\xa0", " ")
    assert told in page
    assert "€ 4,32 wordt niet betaald" in page
    assert told in browse("carla").get(address).text.replace("\xa0", " ")
    with world.db.transaction() as session:
        # Another agreement from now on changes nothing of what was judged.
        policy = session.scalars(select(Policy).where(Policy.key == "cap_own_car")).one()
        policy.value, policy.source = json.dumps({"day": {"cents": 900, "then": "cut"}}), "Nieuwe regeling"
    page = browse("anna").get(address).text.replace("\xa0", " ")
    assert told in page
    assert "Nieuwe regeling" not in page
    paper = PdfReader(io.BytesIO(browse("anna").get(f"{address}/dossier.pdf").data))
    printed = " ".join(" ".join(sheet.extract_text() for sheet in paper.pages).replace("\xa0", " ").split())
    assert told in printed
    assert "artikel 4, Reisregeling Waterveen, sinds 1 januari 2020" in printed


def test_before_something_is_granted_every_page_and_mail_names_what_was_asked(
    world: World, cast: Cast, browse: Any
) -> None:
    address = handed_in(browse("anna"), CAR)
    number = address.rpartition("/")[2]
    with world.db.session(writes=False) as session:
        nonce = session.scalars(select(MailLink.nonce)).one()
        mail = session.scalars(select(OutboxMail.text).where(OutboxMail.letter == "ask")).one().replace("\xa0", " ")
    assert "Bedrag: € 19,32\nHoogstens vergoed: € 15,00" in mail
    link, bram = f"/akkoord/{world.link_token(nonce)}", browse("bram")
    for who, page in (
        (browse(), link),
        (bram, address),
        (bram, "/"),
        (bram, "/akkoord"),
        (browse("anna"), "/zaken"),
    ):
        text = who.get(page).text.replace("\xa0", " ")
        assert "€ 19,32" in text, page
        assert "Toegekend" not in text, page
    assert "hoogstens vergoed" in browse().get(link).text
    assert "Hoogstens vergoed" in bram.get(address).text
    with world.db.transaction() as session:
        case = whole(session, session.scalars(select(Case.id).where(Case.number == number)).one())
        cast.act(session, "bram", case, "approve")
        cases.take(session, cast.viewer(session, "carla"), case, world.clock.now())
        for line, checks in CASE_TYPES[case.type].checks(case.content).items():
            for check, _ in checks:
                cases.tick(case, cast.viewer(session, "carla"), line, check, True, world.clock.now())
        cast.act(session, "carla", case, "check", content=case.content)
        said = session.scalars(select(OutboxMail.text).where(OutboxMail.letter == "checked")).all()
    text = bram.get(address).text.replace("\xa0", " ")
    assert "Toegekend" in text
    assert "Hoogstens vergoed" not in text
    assert "€ 15,00" in browse("anna").get("/zaken").text.replace("\xa0", " ")
    assert not any("Hoogstens" in one for one in said)


def test_the_message_of_a_cap_says_that_another_claim_used_the_room(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        policy = session.scalars(select(Policy).where(Policy.key == "cap_own_car")).one()
        policy.value = json.dumps({"month": {"cents": 3000, "then": "cut"}})
    anna = browse("anna")
    first = handed_in(anna, CAR)
    assert "Andere declaraties" not in anna.get(first).text
    cut = "€ 19,32 is € 10,68 geworden: het maximum is € 30,00 per maand."
    told = f"{cut} Andere declaraties gebruikten daarvan al € 19,32."
    _, page = draft_of(anna, CAR | {"destination": "Lindehoven"})
    assert told in page.replace("\xa0", " ")
    second = handed_in(anna, CAR | {"destination": "Lindehoven"}, key="second")
    page = browse("bram").get(second).text.replace("\xa0", " ")
    assert told in page
    assert (
        "€ 8,64 wordt niet betaald: het maximum is € 30,00 per maand. Andere declaraties gebruikten daarvan al" in page
    )


def test_who_claims_late_is_asked_why_beside_the_field_and_keeps_what_was_typed(
    world: World, cast: Cast, browse: Any
) -> None:
    anna = browse("anna")
    old = CAR | {"date": "2026-06-01", "destination": "Lindehoven"}
    _, page = draft_of(anna, old)
    assert "Dit is langer dan 3 maanden geleden." in page
    assert 'name="lines-0-late_reason"' in page
    assert 'value="Lindehoven"' in page
    assert 'name="lines-0-late_reason"' not in draft_of(anna, CAR)[1]
    address = handed_in(anna, old | {"late_reason": "Ik was ziek"})
    assert "Laat gedeclareerd, omdat: Ik was ziek" in browse("bram").get(address).text
    with world.db.session(writes=False) as session:
        assert sorted(session.scalars(select(CaseFlag.code))) == ["cap_cut", "late"]


def test_only_what_is_offered_can_be_chosen(browse: Any) -> None:
    anna = browse("anna")
    _, page = draft_of(anna, CAR)
    assert '<option value="parking"' in page
    assert '<option value="meal"' not in page
    meal = {"category": "meal", "date": "2026-11-20", "description": "Lunch", "persons": "1", "amount": "9"}
    _, page = draft_of(anna, meal)
    assert "Uw gemeente betaalt dit soort kosten niet via een declaratie." in page
    assert '<option value="meal" selected' in page, "what was chosen stays"


def test_the_same_in_english(browse: Any) -> None:
    anna = browse("anna")
    anna.post("/taal/en")
    _, page = draft_of(anna, CAR | {"date": "2026-06-01"})
    assert "This was more than 3 months ago. Say why you claim it only now." in page
    assert "became" in page


def test_at_home_and_at_work_on_one_day_on_two_claims_is_for_the_clerk(world: World, cast: Cast, browse: Any) -> None:
    anna = browse("anna")
    first = handed_in(anna, HOME | {"days": "1"}, key="1").rpartition("/")[2]
    handed_in(anna, COMMUTE, key="2")
    handed_in(anna, COMMUTE | {"date": "2026-11-19"}, key="3")
    with world.db.session(writes=False) as session:
        (flag,) = session.scalars(select(CaseFlag))
        assert (flag.code, flag.about, flag.asks) == ("home_and_commuting", first, True)
        case = whole(session, flag.case_id)
        assert case.flags[0]["about"] == first


def test_a_month_looks_over_the_claims_of_both_employers(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        value = json.dumps({"month": {"cents": 2000, "then": "cut"}})
        session.add(Policy(key="cap_own_car", value=value, valid_from=date(2020, 1, 1), source="Voor allen"))
        session.delete(session.scalars(select(Policy).where(Policy.article != "", Policy.key == "cap_own_car")).one())
    anna = browse("anna")
    handed_in(anna, CAR | {"km": "50"}, key="1")
    with world.db.transaction() as session:
        case = session.scalars(select(Case)).one()
        case.municipality_id = cast.municipalities["duinrade"]
    handed_in(anna, CAR | {"km": "50", "date": "2026-11-10"}, key="2")
    with world.db.session(writes=False) as session:
        assert session.scalars(select(Case.sanctioned_cents).order_by(Case.id)).all() == [1150, 850]


def test_two_claims_at_the_same_moment_do_not_both_find_the_same_room(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        value = json.dumps({"month": {"cents": 2000, "then": "cut"}})
        session.add(Policy(key="cap_own_car", value=value, valid_from=date(2020, 1, 1), source="Voor allen"))
        session.delete(session.scalars(select(Policy).where(Policy.article != "", Policy.key == "cap_own_car")).one())
    ready = []
    for number in range(4):
        anna = browse("anna")
        draft = str(anna.post("/zaken/nieuw/expense_claim", {"client_key": f"k{number}"}).headers["Location"])
        anna.post(draft, {**typed(CAR | {"km": "50", "date": f"2026-11-1{number}"}), "do": "review"})
        ready.append((anna, draft))
    at_once(*[lambda one=one: one[0].post(f"{one[1]}/indienen") for one in ready])
    for anna, draft in ready:
        # Who found that nothing was left is sent back to the form.
        assert anna.post(f"{draft}/indienen").status_code == 302
    with world.db.session(writes=False) as session:
        granted = session.scalars(select(Case.sanctioned_cents).where(Case.number.is_not(None))).all()
        assert sum(granted) == 2000

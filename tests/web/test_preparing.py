"""A claim filled in for another: who may, who confirms, what each sees, and whom four eyes hold apart."""

from __future__ import annotations

import html
import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.commands import cases, preparing
from portal.models.cases import Case
from portal.models.consents import PreparerConsent
from portal.models.mail import MailLink, OutboxMail
from portal.queries.preparing import has_consent
from portal.worlds import World
from tests.cast import Cast
from tests.commands.helpers import letters, refused, whole
from tests.sample_files import jpeg
from tests.web.said import says
from tests.web.test_employers import leaves, works
from workflows import CASE_TYPES
from workflows.deciding import decide
from workflows.kernel import Actor, CaseView, Given, Refused, Situation
from workflows.parties import INITIATOR

TODAY = date(2026, 11, 24)
FIELDS = {
    "purpose": "Zitting", "cost_centre": "1100", "lines-0-key": "a", "lines-0-category": "parking",
    "lines-0-date": "2026-11-20", "lines-0-description": "Parkeren", "lines-0-amount": "12,50",
}  # fmt: skip
STATED = {
    **FIELDS, "lines-0-missing_why": "Kwijt.", "lines-0-missing_where": "Garage", "lines-0-missing_sign": "y",
}  # fmt: skip


def said(answer: Any) -> str:
    return " ".join(html.unescape(answer.text).split())


def consents(world: World, cast: Cast, person: str = "anna", preparer: str = "aart", **dates: Any) -> None:
    """Let one of the cast fill in for another."""
    with world.db.transaction() as session:
        preparing.let_fill_in(
            session, cast.people[person], cast.people[preparer], dates.get("first", date(2026, 11, 1)),
            dates.get("last"), world.clock.now(), TODAY,
        )  # fmt: skip


def begun(browser: Any, cast: Cast, person: str = "anna", **more: str) -> Any:
    return browser.post(f"/namens/{cast.people[person]}/expense_claim", {"client_key": "k", **more})


def handed_over(browser: Any, cast: Cast, fields: dict[str, str] = FIELDS) -> str:
    """Fill in a claim for Anna and hand it to her; its number."""
    page = begun(browser, cast).headers["Location"]
    receipt = {} if "lines-0-missing_why" in fields else {"lines-0-receipt": (io.BytesIO(jpeg()), "bon.jpg")}
    browser.post(page, {**fields, **receipt}, content_type="multipart/form-data")
    assert "bevestigt het" in said(browser.get(f"{page}/controleren"))
    return str(browser.post(f"{page}/indienen").headers["Location"].rpartition("/")[2])


def case_of(world: World, number: str) -> Case:
    with world.db.session(writes=False) as session:
        return session.scalars(select(Case).where(Case.number == number)).one()


def test_a_colleague_who_was_named_fills_in_and_the_employee_confirms(world: World, cast: Cast, browse: Any) -> None:
    consents(world, cast)
    aart, anna = browse("aart"), browse("anna")
    number = handed_over(aart, cast)
    case = case_of(world, number)
    assert (case.state, case.waits_for) == ("confirming", "INITIATOR")
    assert (case.initiator_id, case.preparer_id) == (cast.people["anna"], cast.people["aart"])
    assert case.suspended_since is not None
    home = said(anna.get("/"))
    assert "Voor u ingevuld: controleer en bevestig het" in home
    assert f"/zaken/{number}" in home
    page = said(anna.get(f"/zaken/{number}"))
    assert "Aart de Wit heeft dit voor u ingevuld." in page
    assert "Bevestigen en indienen" in page
    answer = anna.post(f"/zaken/{number}/confirm", {"version": str(case.version)})
    assert answer.status_code == 302
    case = case_of(world, number)
    assert (case.state, case.approver_id, case.suspended_since) == ("submitted", cast.people["bram"], None)
    with world.db.session() as session:
        sent = letters(session, case.id)
    assert sent[0] == ("confirm", "anna")
    assert ("received", "anna") in sent
    assert ("confirmed", "aart") in sent
    assert ("ask", "bram") in sent


def test_the_link_in_the_mail_asks_to_sign_in(world: World, cast: Cast, browse: Any) -> None:
    consents(world, cast)
    number = handed_over(browse("aart"), cast)
    with world.db.session(writes=False) as session:
        mail = session.scalars(select(OutboxMail).where(OutboxMail.letter == "confirm")).one()
    assert f"[[home:/zaken/{number}]]" in mail.text
    assert "Aart de Wit" in mail.subject
    assert browse().get(f"/zaken/{number}").headers["Location"].startswith("/aanmelden?next=")


def test_whoever_filled_in_can_neither_confirm_nor_decline_nor_withdraw_later(
    world: World, cast: Cast, browse: Any
) -> None:
    consents(world, cast)
    aart = browse("aart")
    number = handed_over(aart, cast)
    assert f"/zaken/{number}/confirm" not in aart.get(f"/zaken/{number}").text
    assert says(aart.post(f"/zaken/{number}/confirm"), "claimant_confirms")
    assert says(aart.post(f"/zaken/{number}/decline", {"reason": "Nee"}), "claimant_confirms")
    assert case_of(world, number).state == "confirming"
    browse("anna").post(f"/zaken/{number}/confirm")
    assert says(aart.post(f"/zaken/{number}/withdraw"), "claimant_withdraws")
    assert case_of(world, number).state == "submitted"
    aart.post("/taal/en")
    assert "only they can withdraw it now" in said(aart.post(f"/zaken/{number}/withdraw"))
    browse("anna").post(f"/zaken/{number}/withdraw")
    assert case_of(world, number).state == "withdrawn"


def test_before_the_employee_confirms_whoever_filled_in_may_withdraw(world: World, cast: Cast, browse: Any) -> None:
    consents(world, cast)
    aart = browse("aart")
    number = handed_over(aart, cast)
    assert aart.post(f"/zaken/{number}/withdraw").status_code == 302
    assert case_of(world, number).state == "withdrawn"


def test_what_is_not_confirmed_goes_back_with_a_reason(world: World, cast: Cast, browse: Any) -> None:
    consents(world, cast)
    aart, anna = browse("aart"), browse("anna")
    number = handed_over(aart, cast)
    assert says(anna.post(f"/zaken/{number}/decline", {"reason": " "}), "reason_missing")
    anna.post(f"/zaken/{number}/decline", {"reason": "Het was 11 euro."})
    case = case_of(world, number)
    assert case.state == "returned"
    with world.db.session() as session:
        assert letters(session, case.id)[-1] == ("declined", "aart")
        mail = session.scalars(select(OutboxMail).where(OutboxMail.letter == "declined")).one()
        assert "Het was 11 euro." in mail.text
    page = f"/concept/{case.id}"
    aart.post(page, {**FIELDS, "lines-0-amount": "11"})
    aart.post(f"{page}/indienen")
    assert case_of(world, number).state == "confirming"
    anna.post(page, {**FIELDS, "lines-0-amount": "10"})
    anna.post(f"/zaken/{number}/confirm")
    case = case_of(world, number)
    assert (case.state, case.claimed_cents) == ("submitted", 1100)


def test_the_employee_may_change_it_and_hand_it_in_at_once(world: World, cast: Cast, browse: Any) -> None:
    consents(world, cast)
    page = begun(browse("aart"), cast).headers["Location"]
    anna = browse("anna")
    anna.post(
        page, {**FIELDS, "lines-0-receipt": (io.BytesIO(jpeg()), "bon.jpg")}, content_type="multipart/form-data"
    )  # fmt: skip
    number = anna.post(f"{page}/indienen").headers["Location"].rpartition("/")[2]
    assert case_of(world, number).state == "submitted"


@pytest.mark.parametrize("name", ["carla", "els"])
def test_a_clerk_fills_in_for_anybody_they_serve(world: World, cast: Cast, browse: Any, name: str) -> None:
    clerk = browse(name)
    assert "Declaratie invullen" in said(clerk.get(f"/mensen/{cast.people['anna']}"))
    number = handed_over(clerk, cast)
    assert case_of(world, number).preparer_id == cast.people[name]
    browse("anna").post(f"/zaken/{number}/confirm")
    with world.db.transaction() as session:
        cast.act(session, "bram", whole(session, case_of(world, number).id), "approve")
    with world.db.transaction() as session:
        case = whole(session, case_of(world, number).id)
        taking = refused(lambda: cases.take(session, cast.viewer(session, name), case, world.clock.now()))
    assert taking == {"own_from_queue"}


@pytest.mark.parametrize("name", ["bram", "dirk", "hanna", "olga", "aart"])
def test_for_everybody_else_it_does_not_exist(cast: Cast, browse: Any, name: str) -> None:
    assert begun(browse(name), cast).status_code == 404
    assert browse(name).get(f"/namens/{cast.people['anna']}/expense_claim/werkgever").status_code == 404


def test_nobody_fills_in_for_themselves_this_way_nor_another_kind_of_case(
    world: World, cast: Cast, browse: Any
) -> None:
    assert begun(browse("carla"), cast, "carla").status_code == 404
    consents(world, cast)
    aart = browse("aart")
    assert aart.post(f"/namens/{cast.people['anna']}/account_change").status_code == 404
    assert aart.post("/namens/99999/expense_claim").status_code == 404
    assert begun(aart, cast, employment="999").status_code == 404


def test_consent_counts_on_its_days_only(world: World, cast: Cast, browse: Any) -> None:
    aart = browse("aart")
    consents(world, cast, first=TODAY + timedelta(days=1))
    assert begun(aart, cast).status_code == 404
    consents(world, cast, first=date(2026, 11, 1), last=TODAY)
    assert begun(aart, cast).status_code == 302


def test_who_lost_the_consent_cannot_hand_in_what_they_began(world: World, cast: Cast, browse: Any) -> None:
    consents(world, cast)
    aart, anna = browse("aart"), browse("anna")
    page = begun(aart, cast).headers["Location"]
    aart.post(
        page, {**FIELDS, "lines-0-receipt": (io.BytesIO(jpeg()), "bon.jpg")}, content_type="multipart/form-data"
    )  # fmt: skip
    with world.db.session(writes=False) as session:
        consent = session.scalars(select(PreparerConsent.id)).one()
    assert anna.post(f"/namens/toestemming/{consent}/stoppen").status_code == 302
    assert says(aart.post(f"{page}/indienen"), "consent_over", 409)
    with world.db.session(writes=False) as session:
        assert session.scalars(select(Case.state)).one() == "draft"
        assert session.scalars(select(PreparerConsent.valid_to)).one() == TODAY - timedelta(days=1)


def test_consent_is_given_and_taken_back_on_its_page(world: World, cast: Cast, browse: Any) -> None:
    anna, aart = browse("anna"), browse("aart")
    assert "/namens" in anna.get("/mijn-gegevens").text
    chosen = {"preparer": str(cast.people["aart"]), "first": "2026-11-24", "last": "2026-12-24"}
    assert anna.post("/namens/toestemming", chosen).status_code == 302
    assert "Van 24 november 2026 tot en met 24 december 2026" in said(anna.get("/namens"))
    assert "Anna de Wit" in said(aart.get("/namens"))
    page = said(aart.get("/namens"))
    (consent,) = re.findall(r"/namens/toestemming/(\d+)/stoppen", said(anna.get("/namens")))
    assert "stoppen" not in page
    aart.post(f"/namens/toestemming/{consent}/stoppen")
    anna.post("/namens/toestemming/99/stoppen")
    with world.db.session(writes=False) as session:
        assert has_consent(session, cast.people["anna"], cast.people["aart"], TODAY)
    anna.post(f"/namens/toestemming/{consent}/stoppen")
    with world.db.session(writes=False) as session:
        assert not has_consent(session, cast.people["anna"], cast.people["aart"], TODAY)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"preparer": ""}, "preparer_unknown"),
        ({"preparer": "99999"}, "preparer_unknown"),
        ({"first": "morgen"}, "preparer_unknown"),
        ({"last": "ooit"}, "preparer_unknown"),
        ({"last": "2026-11-23"}, "preparer_period"),
        ({"first": "2026-12-02", "last": "2026-12-01"}, "preparer_period"),
    ],
)
def test_a_wrong_consent_is_refused_beside_its_field(
    world: World, cast: Cast, browse: Any, changed: dict[str, str], code: str
) -> None:
    chosen = {"preparer": str(cast.people["aart"]), "first": "2026-11-24", "last": ""}
    answer = browse("anna").post("/namens/toestemming", {**chosen, **changed})
    assert says(answer, code)
    with world.db.session(writes=False) as session:
        assert session.scalars(select(PreparerConsent)).all() == []


def test_nobody_names_themselves_nor_somebody_unknown(world: World, cast: Cast) -> None:
    with world.db.transaction() as session:
        for preparer, code in ((cast.people["anna"], "preparer_self"), (99_999, "preparer_unknown")):
            codes = refused(
                lambda who=preparer: preparing.let_fill_in(
                    session, cast.people["anna"], who, TODAY, None, world.clock.now(), TODAY
                )
            )
            assert codes == {code}


def test_bank_data_is_not_shown_to_a_colleague_who_fills_in(world: World, cast: Cast, browse: Any) -> None:
    consents(world, cast)
    aart = browse("aart")
    page = begun(aart, cast).headers["Location"]
    assert "00 05" not in aart.get(page).text
    assert "Geen rekening bekend" not in aart.get(page).text
    aart.post(
        page, {**FIELDS, "lines-0-receipt": (io.BytesIO(jpeg()), "bon.jpg")}, content_type="multipart/form-data"
    )  # fmt: skip
    assert "00 05" not in aart.get(f"{page}/controleren").text
    number = aart.post(f"{page}/indienen").headers["Location"].rpartition("/")[2]
    assert "00 05" not in aart.get(f"/zaken/{number}").text
    assert "00 05" in browse("anna").get(f"/zaken/{number}").text


def test_both_names_stand_where_is_decided(world: World, cast: Cast, browse: Any) -> None:
    consents(world, cast)
    number = handed_over(browse("aart"), cast)
    browse("anna").post(f"/zaken/{number}/confirm")
    with world.db.session(writes=False) as session:
        nonce = session.scalars(select(MailLink.nonce)).one()
        ask = session.scalars(select(OutboxMail.text).where(OutboxMail.letter == "ask")).one()
    assert "Aart de Wit heeft het ingevuld" in ask
    decide_page = said(browse().get(f"/akkoord/{world.link_token(nonce)}"))
    assert "ingevuld door Aart de Wit" in decide_page
    assert "Anna de Wit" in decide_page
    dossier = said(browse("bram").get(f"/zaken/{number}"))
    assert "Ingevuld door" in dossier
    assert "Aart de Wit" in dossier


def test_whoever_filled_in_never_decides_on_it(world: World, cast: Cast, browse: Any) -> None:
    consents(world, cast, preparer="bram")
    number = handed_over(browse("bram"), cast)
    browse("anna").post(f"/zaken/{number}/confirm")
    case = case_of(world, number)
    assert case.approver_id == cast.people["diane"]
    assert browse("bram").post(f"/zaken/{number}/approve").status_code == 422
    assert case_of(world, number).state == "submitted"


def test_a_statement_is_signed_by_the_employee_when_they_confirm(world: World, cast: Cast, browse: Any) -> None:
    consents(world, cast)
    number = handed_over(browse("aart"), cast, STATED)
    (line,) = case_of(world, number).content["lines"]
    assert "statement_by" not in line
    browse("anna").post(f"/zaken/{number}/confirm")
    (line,) = case_of(world, number).content["lines"]
    assert line["statement_by"] == "Anna de Wit"


def test_for_who_left_the_ssc_fills_in_the_days_before(world: World, cast: Cast, browse: Any) -> None:
    leaves(world, cast, "anna", date(2026, 11, 20))
    number = handed_over(browse("carla"), cast)
    browse("anna").post(f"/zaken/{number}/confirm")
    assert case_of(world, number).state == "submitted"


def test_for_a_mover_one_says_for_which_employer(world: World, cast: Cast, browse: Any) -> None:
    leaves(world, cast, "anna", date(2026, 10, 31))
    new = works(world, cast, "anna", "duinrade", date(2026, 11, 1))
    carla = browse("carla")
    where = begun(carla, cast).headers["Location"]
    assert where.startswith(f"/namens/{cast.people['anna']}/expense_claim/werkgever")
    assert f'value="{new}" checked' in carla.get(where).text
    begun(carla, cast, employment=str(new))
    with world.db.session(writes=False) as session:
        assert session.scalars(select(Case.employment_id)).one() == new


def test_anothers_page_never_opens_a_draft_of_ones_own(world: World, cast: Cast, browse: Any) -> None:
    consents(world, cast)
    own = browse("anna").post("/zaken/nieuw/expense_claim", {"client_key": "k"}).headers["Location"]
    assert begun(browse("aart"), cast).headers["Location"] != own
    assert browse("aart").get(own).status_code == 404


STATES = [state.key for state in CASE_TYPES["expense_claim"].states]


@given(st.sampled_from(STATES), st.sampled_from(["submit", "confirm", "decline", "withdraw"]), st.booleans())
def test_in_no_state_does_whoever_filled_in_take_a_step_that_is_the_employees(state: str, key: str, own: bool) -> None:
    line = {"key": "a", "category": "parking", "date": "2026-11-20", "claimed_cents": 1, "documents": [{"id": 1}]}
    content = {"lines": [line]}
    preparer = None if own else 2
    case = CaseView(state, 1, content, preparer_id=preparer, cost_centre="1100")
    actor = Actor(1 if own else 2, INITIATOR)
    now = Situation(case, actor, Given("Omdat", content), None, TODAY)  # type: ignore[arg-type]
    try:
        reached = decide(CASE_TYPES["expense_claim"], key, now).to_state.key
    except Refused as refusal:
        reached, codes = "", refusal.codes
        assert codes <= {"not_now", "claimant_confirms", "claimant_withdraws"}
    if not own:
        assert reached in ("", "confirming", "withdrawn")
        assert reached != "withdrawn" or state in ("draft", "confirming")
    elif key == "submit" and state in ("draft", "returned"):
        assert reached == "submitted", "not_prepared"

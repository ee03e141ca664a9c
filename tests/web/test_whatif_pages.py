"""What if: asked at one press, followed, answered in plain words, and the question of one's own with its inputs."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from sqlalchemy import select

from portal.commands.whatif import MOST_WAITING, ask
from portal.i18n import reading_in
from portal.models.whatif import WhatIfRun
from portal.web.whatif_form import amount
from portal.web.whatif_words import Scene, answer_of, of_now
from portal.whatif.questions import QUESTIONS, asked
from portal.worlds import World
from tests.cast import Cast
from tests.whatif.answered import with_answer, with_model

ASKED = [{"question": "clerk_more", "name": "", "changes": []}]


def scene(nth: int, when: str, mean: float, half: float = 1.0, **more: Any) -> Scene:
    """A scenario with this lead time in hours of office time."""
    figure = {"mean": mean, "low": mean - half, "high": mean + half}
    found = {"replications": 30, "loads": [], "measures": {"lead_mean": figure}, **more}
    return Scene(nth, when, when, found)


def test_the_answer_is_a_sentence_with_its_interval_or_says_that_there_is_no_demonstrable_difference() -> None:
    now = scene(0, "Now", 54.9)
    shorter = {"lead_mean": {"mean": -17.1, "low": -20.7, "high": -13.5, "demonstrable": True}}
    with reading_in("en"):
        said, tone = answer_of(now, scene(1, "With one clerk more", 37.8, differences=shorter))
    assert said == (
        "With one clerk more a case takes 4.2 instead of 6.1 working days; the difference is between 1.5 and 2.3 days."
    )
    assert tone == "info"
    none = {"lead_mean": {"mean": -0.3, "low": -2.0, "high": 1.4, "demonstrable": False}}
    with reading_in("nl"):
        said, _ = answer_of(now, scene(1, "Met één medewerker meer", 54.6, differences=none))
        assert "geen aantoonbaar verschil" in said
        assert said.endswith("6,1 tegen 6,1 werkdagen; het verschil ligt tussen -0,2 en 0,2 dagen.")
        hardly = {"lead_mean": {"mean": -0.1, "low": -0.2, "high": -0.05, "demonstrable": True}}
        said, _ = answer_of(now, scene(1, "Zo", 54.8, differences=hardly))
        assert said == "Zo duurt een zaak nauwelijks langer of korter: 6,1 tegen 6,1 werkdagen."
        kinds = {
            kind: {"lead_mean": {"mean": lead}, "cases_year": {"mean": 100.0}}
            for kind, lead in (("leave", 18.0), ("expense_claim", 36.0))
        }
        old = scene(0, "Nu", 54.9, by_type=kinds | {"expense_claim": {"lead_mean": {"mean": 72.0}}})
        apart = shorter | {
            "expense_claim.lead_mean": {"mean": -36.0, "low": -40.0, "high": -30.0, "demonstrable": True}
        }
        said, _ = answer_of(old, scene(1, "Zo", 37.8, differences=apart, by_type=kinds))
        assert said.endswith("Het meeste daarvan zit in declaratie: 4 in plaats van 8 werkdagen.")
        assert of_now(now)[0].startswith("Now duurt een zaak 6,1 werkdagen (tussen 6 en 6,2)")


def test_too_much_work_is_said_plainly_and_no_lead_time_is_made_up() -> None:
    load = {"resource": "clerk", "offered": 1.074, "people": 1}
    over = Scene(1, "Drukker", "Met een vijfde meer aanvragen", {"replications": 0, "loads": [load]})
    with reading_in("nl"):
        said, tone = answer_of(scene(0, "Nu", 50), over)
        assert tone == "warning"
        assert "meer werk binnen dan klaar kan komen bij SSC-medewerkers (107,4%)" in said
        said, _ = answer_of(over, scene(1, "Zo", 45))
        assert "Zo duurt een zaak 5 werkdagen; zoals het nu gaat komt er meer binnen" in said
        assert of_now(over)[1] == "warning"


def test_one_press_asks_and_the_page_follows_it_until_it_is_stopped(world: World, cast: Cast, browse: Any) -> None:
    greet = browse("greet")
    page = greet.get("/wat-als").text
    for question in ("Wat als we één medewerker meer hadden?", "Wat als we twee betaalrondes per week hadden?",
                     "Wat als we onder € 100 een steekproef deden?"):  # fmt: skip
        assert question in page
    done = greet.post("/wat-als", {"one": "clerk_more", "q": ["sampling"], "together": "y"})
    assert done.status_code == 302
    run_page = greet.get(done.headers["Location"]).text
    assert '<noscript><meta http-equiv="refresh"' in run_page
    assert "Het begint binnen enkele seconden." in run_page
    with world.db.transaction() as session:
        run = session.scalars(select(WhatIfRun)).one()
        assert [one["question"] for one in run.scenarios] == ["clerk_more"]
        run.begun_at, run.done, run.of = world.clock.now(), 12, 60
    assert "Wordt uitgerekend: 20%." in greet.get(done.headers["Location"]).text
    second = greet.post("/wat-als", {"one": "two_runs"}).headers["Location"]
    assert "Er gaat 1 vraag voor." in greet.get(second).text
    assert greet.post(f"{second}/stoppen").status_code == 302
    assert "Deze vraag is gestopt." in greet.get(second).text
    assert greet.post(f"{second}/stoppen").status_code == 409
    assert "Gestopt" in greet.get("/wat-als").text
    with world.db.transaction() as session:
        run = session.get_one(WhatIfRun, run.id)
        said = [{"sentence": "No request is open now.", "values": {}}]
        run.finished_at, run.error, run.result = world.clock.now(), "whatif_nothing_open", {"refused": said}
    assert "Er staat nu geen aanvraag open." in greet.get(done.headers["Location"]).text
    assert greet.get(f"{done.headers['Location']}/cijfers.csv").status_code == 404


def test_questions_are_compared_up_to_four_and_what_is_ticked_stays_when_it_is_refused(
    world: World, cast: Cast, browse: Any
) -> None:
    ilse = browse("ilse")
    none = ilse.post("/wat-als", {})
    assert none.status_code == 422
    assert "Kies ten minste één vraag" in none.text
    many = ilse.post("/wat-als", {"q": list(QUESTIONS)[:4], "together": "y"})
    assert many.status_code == 422
    assert "Kies hoogstens 4 vragen" in many.text
    assert many.text.count("checked") == 5
    assert ilse.post("/wat-als", {"q": list(QUESTIONS)[:3], "together": "y"}).status_code == 302
    with world.db.transaction() as session:
        run = session.scalars(select(WhatIfRun)).one()
        assert [one["question"] for one in run.scenarios] == [*list(QUESTIONS)[:3], "together"]
        assert len(run.scenarios[3]["changes"]) == 4
        for nth in range(MOST_WAITING - 1):
            ask(session, cast.viewer(session, "greet"), f"Vraag {nth}", ASKED, world.clock.now())
    busy = ilse.post("/wat-als", {"one": "forecast"})
    assert (busy.status_code, "wachten al 5 vragen" in busy.text) == (422, True)


def test_the_answer_reads_as_an_answer_and_goes_along_as_a_file(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        run = with_answer(session, cast.people["greet"], world.clock.now())
        over = with_answer(session, cast.people["greet"], world.clock.now(), ("clerk_less",))
    ilse = browse("ilse")
    page = ilse.get(f"/wat-als/{run.id}").text
    assert re.search(r"Met een steekproef onder € 100 duurt een zaak [\d,]+ in plaats van [\d,]+ werkdagen", page)
    assert "geen aantoonbaar verschil" in page
    for part in ("Klaar binnen de norm", "In één keer goed", "Hoe druk mensen het hebben", "De helft is klaar binnen",
                 "Waar een aanvraag het langst wacht", "Wachten van een aanvraag", "Mensen erbij of eraf"):  # fmt: skip
        assert part in page, part
    assert page.count("<svg xmlns") == 2  # the queue, and the route with waiting on it
    other = ilse.get(f"/wat-als/{run.id}?bij=2").text
    assert other.count('aria-current="page"') == page.count('aria-current="page"')
    assert ilse.get(f"/wat-als/{run.id}?bij=9").status_code == 404
    rows = list(
        csv.reader(io.StringIO(ilse.get(f"/wat-als/{run.id}/cijfers.csv").text.lstrip("\ufeff")), delimiter=";")
    )
    lead = [row for row in rows if row[1:3] == ["lead_mean", ""]]
    assert next(row[0] for row in lead) == "Nu"
    assert len(lead) == 4
    assert "SSC-medewerkers" in ilse.get(f"/wat-als/{over.id}").text
    assert "de voorraad blijft groeien" in ilse.get(f"/wat-als/{over.id}").text
    paper = ilse.get(f"/wat-als/{run.id}/antwoord.pdf")
    assert paper.data.startswith(b"%PDF")
    assert ilse.get("/wat-als/99999").status_code == 404
    english = browse("greet")
    english.post("/taal/en", {"next": ""})
    assert "instead of" in english.get(f"/wat-als/{run.id}").text


OWN = {"form": "own", "holds": "scenario", "begins": "design", "seed": "7", "name": "Drukker met twee"}


def typed(page: str) -> dict[str, Any]:
    """What a browser would send of the form as it stands."""
    form = page[page.index("ask_own") if "ask_own" in page else page.index('action="/wat-als/eigen"') :]
    found: dict[str, Any] = {}
    for name, value in re.findall(r'<input class="utrecht-textbox[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form):
        found[name] = value
    found["runs"] = re.findall(r'name="runs" value="(\d)" checked', form)
    found["priority"] = re.findall(r'<option value="(\w+)" selected', form)[0]
    return found


def test_a_question_of_ones_own_keeps_what_was_typed_and_takes_only_what_differs(
    world: World, cast: Cast, browse: Any
) -> None:
    greet = browse("greet")
    assert "Het portaal meet eerst hoe het werk nu gaat" in greet.get("/wat-als/eigen").text
    with world.db.transaction() as session:
        with_model(session, world.clock.now())
    page = greet.get("/wat-als/eigen").text
    assert "gemeten (n = 10.000)" in page
    assert "aangenomen" in page
    as_it_is = typed(page)
    nothing = greet.post("/wat-als/eigen", {**as_it_is, **OWN})
    assert (nothing.status_code, "Kies ten minste één vraag" in nothing.text) == (422, True)
    wrong = {"count-clerk": "veel", "volume-expense_claim": "5000", "runs": [], "cut_off": "half tien", "seed": "0"}
    refused = greet.post("/wat-als/eigen", {**as_it_is, **OWN, **wrong})
    assert refused.status_code == 422
    for said in ("Vul een getal in, zoals 12", "Vul een getal in van 0 tot en met 1.000", "Kies minstens één dag",
                 "Schrijf een tijd als 9:30", "Vul een heel getal in van 1"):  # fmt: skip
        assert said in refused.text, said
    assert 'value="veel"' in refused.text
    back = greet.post("/wat-als/eigen", {**as_it_is, **OWN, **wrong, "reset": "count-clerk"})
    assert back.status_code == 200
    assert typed(back.text)["count-clerk"] == "1"
    assert typed(back.text)["volume-expense_claim"] == "5000"
    changed = {
        "count-clerk": "2", "volume-expense_claim": "120", "runs": ["1", "3"], "cost-clerk": "50,50",
        "policy-sampling_limit_cents": "75", "touch-expense_claim.approved": "", "q": ["clerk_less"],
    }  # fmt: skip
    done = greet.post("/wat-als/eigen", {**as_it_is, **OWN, **changed})
    assert done.status_code == 302, done.text
    with world.db.session(writes=False) as session:
        run = session.scalars(select(WhatIfRun)).one()
        assert (run.seed, run.question, run.changes) == (7, "Drukker met twee", [])
        assert [one["name"] or one["question"] for one in run.scenarios] == ["Drukker met twee", "clerk_less"]
        changes = {(one["what"], one["key"]): one["value"] for one in run.scenarios[0]["changes"]}
    assert changes == {
        ("count", "clerk"): 2, ("volume", "expense_claim"): 1.2, ("runs", ""): [1, 3], ("cost", "clerk"): 5050,
        ("policy", "sampling_limit_cents"): "7500",
    }  # fmt: skip
    corrected = greet.post("/wat-als/eigen", {**as_it_is, **OWN, "absence-clerk": "25", "holds": "now",
                                              "begins": "forecast"})  # fmt: skip
    assert corrected.status_code == 302
    with world.db.session(writes=False) as session:
        run = session.scalars(select(WhatIfRun).order_by(WhatIfRun.id.desc())).first()
        assert run is not None
        assert (run.begins, run.scenarios) == ("forecast", [])
        assert run.changes == [{"what": "absence", "key": "clerk", "value": 0.25}]


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("2,5", "nl", "2.5"),
        ("1.234,5", "nl", "1234.5"),
        ("2.5", "nl", "2.5"),
        ("1,234.5", "en", "1234.5"),
        ("12%", "nl", "12"),
    ],
)
def test_numbers_are_read_in_the_readers_notation(text: str, language: str, value: str) -> None:
    with reading_in(language):
        assert str(amount(text, 0, 10_000)) == value
        for wrong in ("", "x", "nan", "-1", "1e9"):
            with pytest.raises(ValueError, match=r"[.]$"):
                amount(wrong, 0, 10_000)


def test_who_looks_after_nothing_of_it_finds_no_such_page(cast: Cast, browse: Any) -> None:
    for name in ("anna", "carla", "farid"):
        browser = browse(name)
        assert browser.get("/wat-als").status_code == 404
        assert "Wat als" not in browser.get("/").text
    assert "Wat als" in browse("ilse").get("/").text
    assert asked(["clerk_more"], together=True) == asked(["clerk_more"])

"""The settlement on the web: from entering costs to a final settlement, and what a contract manager sees of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from click.testing import CliRunner

from portal.cli import main
from portal.commands import costs, settlements
from portal.i18n import euro, reading_in
from portal.models.people import RoleGrant
from portal.worlds import World
from tests.cast import SINCE, Cast
from tests.commands.test_sickness import recovered, reported
from tests.settlement import QUARTER, agreed, cost, entered, seen

NEW_YEAR = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
HERE = f"/verrekening/{QUARTER}"


def test_a_quarter_is_entered_settled_and_followed_to_its_cases(world: World, cast: Cast, browse: Any) -> None:
    with world.db.transaction() as session:
        agreed(session, cast)
        cast.changes_account(session)
        ill = reported(session, cast, "2026-11-23")
        recovered(session, cast, ill, "2026-11-24")
        entered(session, cast, cast.viewer(session, "dirk"), world.clock.now())
        session.add(
            RoleGrant(
                person_id=cast.people["otto"], role="contract_manager", municipality_id=cast.municipalities["duinrade"],
                valid_from=SINCE,
            )
        )  # fmt: skip
    world.clock.set(NEW_YEAR)  # type: ignore[attr-defined]
    dirk, ilse, otto = browse("dirk"), browse("ilse"), browse("otto")
    _entered_by(dirk, cast)
    assert otto.get(HERE).status_code == 404, "nothing is final"
    assert dirk.post(f"{HERE}/maken", {"way": "hair"}).status_code == 422
    assert dirk.post(f"{HERE}/maken", {"way": "keys-employees"}).status_code == 302
    assert otto.get(HERE).status_code == 404
    page = dirk.get(HERE)
    assert "2.100,02" in page.text, "all costs, by every key"
    for name, step in ((dirk, "voorbereiden"), (ilse, "definitief")):
        assert name.post(f"{HERE}/{step}", {"settlement": "9"}).status_code == 422
        assert name.post(f"{HERE}/{step}", {"settlement": "1"}).status_code == 422, "without what was seen of it"
        sent = {"settlement": "1", "seen": seen(name.get(HERE).text)}
        assert name.post(f"{HERE}/{step}", sent).status_code == 302, step
    assert "staat vast" not in ilse.get(HERE).text
    _seen_by_one(otto)
    line = dirk.get(f"{HERE}/waterveen/regel/cost-1")
    assert "REK-2026-000001" in line.text
    assert "Anna" not in line.text
    listed = dirk.get(f"{HERE}/waterveen/regel/cost-1/lijst.csv").text
    assert "REK-2026-000001" in listed
    assert "Van wie ziek was" in line.text, "whose illness is counted is for the SSC's clerks alone"
    assert "ZKM-" not in line.text + listed
    assert "ZKM-2026-000001" in browse("carla").get(f"{HERE}/waterveen/regel/cost-1").text
    assert dirk.get(f"{HERE}/waterveen/regel/cost-9").status_code == 404
    numbers = {code: f"VER-2027-{place:06d}" for place, code in enumerate(("duinrade", "waterveen"), start=1)}
    assert numbers["duinrade"] in otto.get(f"/verrekening/factuur/{numbers['duinrade']}.xml").text
    assert otto.get(f"/verrekening/factuur/{numbers['waterveen']}.xml").status_code == 404
    assert otto.get(f"/verrekening/factuur/{numbers['waterveen']}.pdf").status_code == 404
    other = dirk.get(f"{HERE}/waterveen?manier=keys-inhabitants")
    assert "om te vergelijken" in other.text
    assert dirk.get(f"{HERE}/waterveen/regel/cost-2?manier=keys-mixed").status_code == 200
    assert dirk.get(f"{HERE}/waterveen?manier=keys-hair").status_code == 404
    _the_same_on_the_command_line(world, dirk)
    # What was final is restated with a reason, and both can be looked at.
    assert dirk.post(f"{HERE}/maken", {"way": "price"}).status_code == 422
    assert dirk.post(f"{HERE}/maken", {"way": "price", "reason": "Andere variant"}).status_code == 302
    assert "Andere variant" in dirk.get(HERE).text
    assert "Andere variant" not in dirk.get(f"{HERE}?versie=1").text
    assert "Andere variant" not in otto.get(HERE).text, "not final yet"
    assert "Andere variant" not in otto.get(f"{HERE}?versie=2").text


def _entered_by(dirk: Any, cast: Cast) -> None:
    """Costs and keys are entered on their pages, and what is wrong stands beside the field."""
    costs = f"/verrekening/kosten/{QUARTER}"
    wrong = dirk.post(costs, {"form": "cost", "label": "Inhuur", "kind": "direct", "driver": "", "amount": "12,345",
                              "source": ""})  # fmt: skip
    assert wrong.status_code == 422
    assert all(said in wrong.text for said in ('value="Inhuur"', "kies welke", "na de komma", "waar dit vandaan komt"))
    good = {"form": "cost", "label": "Inhuur", "kind": "indirect", "driver": "", "amount": "50,00", "source": "Nota 3"}
    assert dirk.post(costs, good).status_code == 302
    assert "Inhuur" in dirk.get(costs).text
    assert dirk.post(f"{costs}/verwijderen", {"kind": "cost", "entry": "3"}).status_code == 302
    assert dirk.post(f"{costs}/verwijderen", {"kind": "cost", "entry": "3"}).status_code == 422
    assert dirk.post(f"{costs}/verwijderen", {"kind": "case", "entry": "3"}).status_code == 404
    assert dirk.post(costs, {"form": "agreed"}).status_code == 422, "nothing was agreed"
    assert "Inhuur" not in dirk.get(f"{costs}/kosten.csv").text
    keys = {"form": "value", "place": str(cast.municipalities["waterveen"]), "key": "users", "number": "8",
            "first": "2026-01-01", "source": "Opgave"}  # fmt: skip
    assert dirk.post("/verrekening/sleutels", keys).status_code == 422
    assert dirk.post("/verrekening/sleutels", {**keys, "first": "2027-01-01"}).status_code == 302
    assert (
        dirk.post("/verrekening/sleutels", {"form": "weights", "employees": "60", "first": "gisteren"}).status_code
        == 422
    )
    assert "Opgave" in dirk.get("/verrekening/sleutels/sleutels.csv").text


def _the_same_on_the_command_line(world: World, dirk: Any) -> None:
    """The command gives the figures of the pages, by the way that was chosen and by another."""
    env = {"SSC_DATABASE_URL": world.db.url, "SSC_INSTANCE": str(world.settings.instance)}
    out = world.settings.instance / "verrekening.json"
    for more, way in ((["keys", "--key", "employees", "--out", str(out)], ""), (["price"], "?manier=price")):
        done = CliRunner().invoke(main, ["settle", "--period", QUARTER, "--variant", *more], env=env)
        assert done.exit_code == 0, done.output
        said = json.loads(out.read_text() if way == "" else done.output)
        for account in said["accounts"]:
            page = dirk.get(f"{HERE}/{account['code']}{way}").text
            for cents in (account["owed_cents"], account["due_cents"], *(line["cents"] for line in account["lines"])):
                with reading_in("nl"):
                    assert euro(cents) in page, (account["code"], way, cents)
        assert (said["state"], said["revision"]) == (("worked out", 0) if way else ("final", 1))
    for period, *wrong in (("2026", "price"), (QUARTER, "price", "--key", "users"), ("2020Q1", "keys")):
        assert CliRunner().invoke(main, ["settle", "--period", period, "--variant", *wrong], env=env).exit_code == 1


def _seen_by_one(otto: Any) -> None:
    """A contract manager sees what is theirs, on each page, and nothing of another municipality."""
    pages = [otto.get(path) for path in ("/verrekening", HERE, f"{HERE}/duinrade", f"{HERE}/duinrade/regel/cost-2",
                                         f"{HERE}/verrekening.csv")]  # fmt: skip
    assert [page.status_code for page in pages] == [200] * 5
    assert all("Duinrade" in page.text and "Waterveen" not in page.text for page in pages)
    assert otto.get(f"{HERE}/waterveen").status_code == 404
    assert otto.get(f"{HERE}/waterveen/regel/cost-1").status_code == 404
    assert otto.get(f"/verrekening/kosten/{QUARTER}").status_code == 404
    assert otto.get("/verrekening/2026K4").status_code == 404
    assert otto.post(f"{HERE}/maken", {"way": "price"}).status_code == 404


def test_nobody_signs_for_another_settlement_than_they_saw(world: World, cast: Cast, browse: Any) -> None:
    world.clock.set(NEW_YEAR)  # type: ignore[attr-defined]

    def made(way: str) -> int:
        with world.db.transaction() as session:
            settlement = settlements.make(session, cast.viewer(session, "dirk"), QUARTER, "keys", way, "", NEW_YEAR)
            return settlement.id

    with world.db.transaction() as session:
        agreed(session, cast)
        entered(session, cast, cast.viewer(session, "dirk"), NEW_YEAR)
    first, dirk, ilse = made("employees"), browse("dirk"), browse("ilse")
    looked = {"settlement": str(first), "seen": seen(dirk.get(HERE).text)}
    with world.db.transaction() as session:
        costs.enter_cost(session, cast.viewer(session, "ilse"), cost("indirect", "", "9000"), NEW_YEAR)
    assert made("employees") == first, "worked out anew in the same place"
    assert dirk.post(f"{HERE}/voorbereiden", looked).status_code == 422
    assert dirk.post(f"{HERE}/voorbereiden", {**looked, "seen": seen(dirk.get(HERE).text)}).status_code == 302
    looked = {"settlement": str(first), "seen": seen(ilse.get(HERE).text)}
    made("users")
    dirk.post(f"{HERE}/voorbereiden", {**looked, "seen": seen(dirk.get(HERE).text)})
    late = ilse.post(f"{HERE}/definitief", looked)
    assert late.status_code == 422
    assert "Iemand heeft deze verrekening " in late.text
    assert ilse.post(f"{HERE}/definitief", {**looked, "seen": seen(ilse.get(HERE).text)}).status_code == 302

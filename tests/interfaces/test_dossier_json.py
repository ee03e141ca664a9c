"""A dossier as data proves itself: whatever is changed in its chain shows."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.interfaces.dossier_json import Altered, NotADossier, prove, written
from portal.sealing import GENESIS

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
STATES = ("draft", "submitted", "approved", "payable")


def by_hand(value: Any) -> str:
    """The recipe that stands in the file, followed by somebody without this program."""
    plain = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()


def chain(places: tuple[int, ...] = (1, 2, 5)) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for at, place in enumerate(places):
        said = {"salt": f"zout{place}", "persons": [7, None], "reason": "Omdat é", "data": {"claimed_cents": 1250}}
        moment = (AT + timedelta(minutes=place)).isoformat()
        follows = bool(events) and place == events[-1]["id"] + 1
        step: dict[str, Any] = {
            "id": place, "case": 3, "action": "go", "states": [STATES[at], STATES[at + 1]], "times": [moment] * 3,
            "channel": "portal", "said": by_hand(said),
            "previous": events[-1]["hash"] if follows else GENESIS if place == 1 else "f" * 64,
        }  # fmt: skip
        step["hash"] = by_hand(step)
        events.append(step | {"said_in_full": said if place != 2 else None, "told": {"what": "Gedaan"}})
    return events


def file(events: list[dict[str, Any]], state: str = "payable") -> bytes:
    case = {"id": 3, "number": "DEC-2026-000001", "type": "expense_claim", "state": state}
    return written({"case": case}, events)


def test_a_file_as_it_was_given_out_holds() -> None:
    proved = prove(file(chain()))
    assert (proved.number, proved.events, proved.opened) == ("DEC-2026-000001", 3, 2)
    assert proved.hashes == {event["id"]: event["hash"] for event in chain()}


@given(data=st.data())
def test_whatever_is_changed_in_it_shows(data: st.DataObject) -> None:
    events = chain()
    event = data.draw(st.sampled_from(events))
    key = data.draw(st.sampled_from(["id", "case", "action", "states", "times", "channel", "said", "previous", "hash"]))
    other: dict[str, Any] = {
        "id": st.integers(6, 99), "case": st.integers(4, 9), "states": st.just(["draft", "paid"]),
        "times": st.just([AT.isoformat()] * 3), "previous": st.just("e" * 64),
    }  # fmt: skip
    event[key] = data.draw(other.get(key, st.text("abcdef", min_size=1)))
    with pytest.raises(Altered):
        prove(file(events))


@pytest.mark.parametrize("key", ["salt", "persons", "reason", "data"])
def test_what_was_said_is_proved_too(key: str) -> None:
    events = chain()
    events[2]["said_in_full"][key] = [9, None] if key == "persons" else {"claimed_cents": 1} if key == "data" else "x"
    with pytest.raises(Altered, match="what was said in event 5"):
        prove(file(events))


def test_an_event_that_was_left_out_shows() -> None:
    events = chain((1, 2, 3))
    for missing in (0, 1, 2):
        with pytest.raises(Altered):
            prove(file(events[:missing] + events[missing + 1 :], "payable"))


HEAD = b'{"format": "ssc-portal dossier 1", "case": '


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"null", b"{}", b'{"format": "x"}', b"\xff\xfe", b"[" * 100_000, HEAD + b"1}",
        HEAD + b'1, "chain": {"events": [1]}}', HEAD + b'{}, "chain": {"events": [{}]}}',
    ],
)  # fmt: skip
def test_what_is_no_dossier_is_no_dossier(data: bytes) -> None:
    with pytest.raises(NotADossier):
        prove(data)


def test_times_that_are_none_are_refused() -> None:
    events = chain()
    events[0]["times"] = ["gisteren"] * 3
    with pytest.raises(NotADossier):
        prove(file(events))

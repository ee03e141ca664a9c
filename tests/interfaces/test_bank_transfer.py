import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from portal.interfaces.bank import BankFileError, Debtor, Transfer, credit_transfer, sepa_text

NOW = datetime(2026, 11, 24, 8, 30, 15, 999, tzinfo=UTC)
OUR_SIDE = Debtor("Gemeente Voorbeeld", "NL50BNGH0285112233", "BNGHNL2G")
ONE = Transfer("DEC-2026-000123", "J. Jansen", "NL91 ABNA 0417 1643 00", 1250, "Declaratie DEC-2026-000123")
SCHEMA = etree.XMLSchema(etree.parse(str(files("sepaxml") / "schemas" / "pain.001.001.09.xsd")))
BASIC = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ "


def write(*transfers: Transfer, **other: object) -> bytes:
    given: dict[str, object] = {
        "message_id": "SSC-2026-0042",
        "payment_info_id": "SSC-2026-0042-1",
        "created_at": NOW,
        "debtor": OUR_SIDE,
        "execution_date": date(2026, 11, 25),
        "transfers": transfers,
    }
    return credit_transfer(**(given | other))  # type: ignore[arg-type]


def texts(data: bytes, path: str) -> list[str]:
    return [str(found.text) for found in etree.fromstring(data).iterfind(".//{*}" + path.replace("/", "/{*}"))]


def test_a_file_as_the_bank_takes_it() -> None:
    data = write(ONE, replace(ONE, end_to_end_id="DEC-2026-000124", cents=1))

    assert SCHEMA.validate(etree.fromstring(data))
    assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert texts(data, "GrpHdr/MsgId") == ["SSC-2026-0042"]
    assert texts(data, "GrpHdr/CreDtTm") == ["2026-11-24T09:30:15+01:00"]
    assert texts(data, "PmtInf/PmtInfId") == ["SSC-2026-0042-1"]
    assert texts(data, "NbOfTxs") == ["2", "2"]
    assert texts(data, "CtrlSum") == ["12.51", "12.51"]
    assert texts(data, "ReqdExctnDt/Dt") == ["2026-11-25"]
    assert texts(data, "DbtrAcct/Id/IBAN") == ["NL50BNGH0285112233"]
    assert texts(data, "DbtrAgt/FinInstnId/BICFI") == ["BNGHNL2G"]
    assert texts(data, "EndToEndId") == ["DEC-2026-000123", "DEC-2026-000124"]
    assert texts(data, "InstdAmt") == ["12.50", "0.01"]
    assert texts(data, "CdtrAcct/Id/IBAN") == ["NL91ABNA0417164300"] * 2
    assert texts(data, "Ustrd") == ["Declaratie DEC-2026-000123"] * 2


def test_no_address_goes_along() -> None:
    assert b"PstlAdr" not in write(ONE)


@pytest.mark.parametrize(("choice", "written"), [(True, "true"), (False, "false")])
def test_the_choice_how_the_bank_books(choice: bool, written: str) -> None:
    assert texts(write(ONE, batch_booking=choice), "BtchBookg") == [written]


def test_the_bank_is_found_by_the_account_number() -> None:
    known = write(ONE, debtor=Debtor("Gemeente", "NL50BNGH0285112233"))
    unknown = write(ONE, debtor=Debtor("Gemeente", "NL41MOCK0000000001"))
    assert texts(known, "DbtrAgt/FinInstnId/BICFI") == ["BNGHNL2G"]
    assert texts(unknown, "DbtrAgt/FinInstnId/Othr/Id") == ["NOTPROVIDED"]


def test_the_same_payments_give_the_same_bytes() -> None:
    later = NOW.astimezone(tz=None)  # the same moment, said in another time zone
    assert write(ONE) == write(ONE) == write(ONE, created_at=later)


@pytest.mark.parametrize(
    ("transfer", "code"),
    [
        (replace(ONE, cents=0), "bank_file_amount"),
        (replace(ONE, cents=-1), "bank_file_amount"),
        (replace(ONE, cents=100_000_000_000), "bank_file_amount"),
        (replace(ONE, iban="NL00ABNA0417164300"), "bank_file_iban"),
        (replace(ONE, iban=""), "bank_file_iban"),
        (replace(ONE, name="  "), "bank_file_text"),
        (replace(ONE, name="...!"), "bank_file_text"),
        (replace(ONE, remittance=""), "bank_file_text"),
        (replace(ONE, end_to_end_id=""), "bank_file_id"),
        (replace(ONE, end_to_end_id="D" * 36), "bank_file_id"),
        (replace(ONE, end_to_end_id="/DEC"), "bank_file_id"),
        (replace(ONE, end_to_end_id="DEC//1"), "bank_file_id"),
        (replace(ONE, end_to_end_id="DEC_1"), "bank_file_id"),
        (replace(ONE, end_to_end_id=" DEC"), "bank_file_id"),
        (replace(ONE, end_to_end_id="DÉC"), "bank_file_id"),
    ],
)
def test_a_payment_that_the_bank_would_refuse_is_not_written(transfer: Transfer, code: str) -> None:
    with pytest.raises(BankFileError) as refused:
        write(transfer)
    assert refused.value.code == code
    assert transfer.iban not in refused.value.detail or not transfer.iban


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"transfers": []}, "bank_file_empty"),
        ({"transfers": [ONE] * 100_001}, "bank_file_too_many"),
        ({"transfers": [ONE, ONE]}, "bank_file_duplicate_id"),
        ({"message_id": "M" * 36}, "bank_file_id"),
        ({"payment_info_id": ""}, "bank_file_id"),
        ({"created_at": NOW.replace(tzinfo=None)}, "bank_file_time"),
        ({"debtor": replace(OUR_SIDE, iban="NL92BNGH0285112233")}, "bank_file_iban"),
        ({"debtor": replace(OUR_SIDE, name="")}, "bank_file_text"),
        ({"execution_date": NOW}, "bank_file_invalid"),
    ],
)
def test_a_file_that_the_bank_would_refuse_is_not_written(other: dict[str, object], code: str) -> None:
    with pytest.raises(BankFileError) as refused:
        write(ONE, **other)
    assert refused.value.code == code


def test_a_complaint_of_the_schema_names_the_element_and_not_what_is_in_it() -> None:
    with pytest.raises(BankFileError) as refused:
        write(ONE, debtor=replace(OUR_SIDE, bic="NOT A BIC"))
    assert (refused.value.code, refused.value.detail) == ("bank_file_invalid", "BICFI")


def test_a_refusal_names_the_payment() -> None:
    with pytest.raises(BankFileError) as refused:
        write(ONE, replace(ONE, end_to_end_id="DEC-9", cents=0))
    assert refused.value.detail == "DEC-9"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("J. van 't Hof-de Boer", "J. van 't Hof-de Boer"),  # nothing to change
        ("Jörgen Müller", "Jorgen Muller"),
        ("François Citroën", "Francois Citroen"),
        ("Weiß & Søn", "Weiss + Son"),
        ("Łukasz Żółć", "Lukasz Zolc"),
        ("Şerife Öztürk-Yıldız", "Serife Ozturk-Yildiz"),
        ("Van der Ĳssel", "Van der IJssel"),
        ("O’Brien", "O'Brien"),
        ("a\tb\r\n c\x00d", "a b c d"),
        ("soft\u00adhyphen", "softhyphen"),
        ("Γιώργος 1", "....... 1"),
        ("e\u0301", "e"),
    ],
)
def test_names_in_the_letters_of_every_bank(name: str, written: str) -> None:
    assert sepa_text(name, 70) == written


@given(st.text(alphabet=BASIC, max_size=70))
def test_a_name_in_basic_letters_is_kept(name: str) -> None:
    kept = re.sub(" +", " ", name).strip()
    assert sepa_text(name, 70) in (kept, "")


@given(st.text(max_size=200), st.integers(1, 140))
def test_any_text_comes_out_in_basic_letters_and_stays_the_same(text: str, length: int) -> None:
    written = sepa_text(text, length)
    assert set(written) <= set(BASIC)
    assert len(written) <= length
    assert sepa_text(written, length) == written


ids = st.lists(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 .+:-]{0,33}[A-Za-z0-9]", fullmatch=True), min_size=2, unique=True)
words = st.text(max_size=200).filter(lambda text: bool(sepa_text(text, 70)))
amounts = st.integers(1, 99_999_999_999)
ibans = st.sampled_from(["NL91ABNA0417164300", "DE89370400440532013000", "BE68539007547034", "NL41MOCK0000000001"])


moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.timezones())  # noqa: DTZ001


@st.composite
def payments(draw: st.DrawFn) -> tuple[Transfer, ...]:
    return tuple(
        Transfer(one, draw(words), draw(ibans), draw(amounts), draw(words))
        for one in draw(ids.filter(lambda many: len(many) <= 20))
    )


@settings(max_examples=150)
@given(payments(), words, moments, st.dates(), st.booleans())
def test_whatever_is_valid_comes_back_from_the_file(
    transfers: tuple[Transfer, ...], name: str, created_at: datetime, execution_date: date, batch: bool
) -> None:
    data = write(
        *transfers,
        debtor=replace(OUR_SIDE, name=name),
        created_at=created_at,
        execution_date=execution_date,
        batch_booking=batch,
    )

    assert SCHEMA.validate(etree.fromstring(data))
    assert texts(data, "EndToEndId") == [one.end_to_end_id for one in transfers]
    assert texts(data, "Cdtr/Nm") == [sepa_text(one.name, 70) for one in transfers]
    assert texts(data, "CdtrAcct/Id/IBAN") == [one.iban for one in transfers]
    assert [Decimal(text) * 100 for text in texts(data, "InstdAmt")] == [one.cents for one in transfers]
    assert texts(data, "NbOfTxs") == [str(len(transfers))] * 2
    assert {Decimal(text) * 100 for text in texts(data, "CtrlSum")} == {sum(one.cents for one in transfers)}
    written_at = datetime.fromisoformat(texts(data, "CreDtTm")[0])
    assert abs(written_at - created_at) < timedelta(minutes=1)

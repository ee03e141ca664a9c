import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.iban import InvalidIban, bic_of, clean_iban, grouped, masked

IBAN = "NL91ABNA0417164300"


@pytest.mark.parametrize(
    "typed",
    [
        "NL91ABNA0417164300",
        "nl91 abna 0417 1643 00",
        " NL91 ABNA 0417 1643 00\n",
        "NL91.ABNA.0417.1643.00",
        "NL91-ABNA-0417-1643-00",
        "NL91\u00a0ABNA\u200b0417\u202f1643\u206000",
    ],
)
def test_an_account_number_as_people_type_it(typed: str) -> None:
    assert clean_iban(typed) == IBAN


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "iban_format"),
        ("NL", "iban_format"),
        ("417164300", "iban_format"),
        ("NL91ABNA04171643OO", "iban_format"),  # letters O for zeros
        ("NL91ABNA0417/64300", "iban_format"),
        ("NL９1ABNA0417164300", "iban_format"),  # a full-width digit
        ("ÑL91ABNA0417164300", "iban_format"),
        ("NL91ABNA041716430ß", "iban_format"),
        ("NL91ABNA041716430", "iban_length"),
        ("NL91ABNA04171643000", "iban_length"),
        ("NL92ABNA0417164300", "iban_checksum"),
        ("NL91ABNA0417164301", "iban_checksum"),
        ("NL00ABNA0417164300", "iban_checksum"),
        ("XX91ABNA0417164300", "iban_country"),
        ("BR1800360305000010009795493C1", "iban_country"),  # correct, outside SEPA
    ],
)
def test_a_wrong_account_number_gives_a_code(typed: str, code: str) -> None:
    with pytest.raises(InvalidIban) as refused:
        clean_iban(typed)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("iban", "bic"),
    [
        ("NL91 ABNA 0417 1643 00", "ABNANL2A"),
        ("NL50BNGH0285112233", "BNGHNL2G"),
        ("DE89370400440532013000", "COBADEFFXXX"),
        ("NL41MOCK0000000001", None),
    ],
)
def test_the_bank_of_an_account(iban: str, bic: str | None) -> None:
    assert bic_of(iban) == bic


def test_how_people_see_an_account_number() -> None:
    assert grouped(IBAN) == "NL91 ABNA 0417 1643 00"
    assert grouped("nl91 abna 0417 1643 00") == "nl91 abna 0417 1643 00"
    assert masked(IBAN) == "NL•• •••• •••• ••43 00"
    assert masked(grouped(IBAN)) == masked(IBAN)
    assert masked("DE89370400440532013000") == "DE•• •••• •••• •••• ••30 00"


@pytest.mark.parametrize("short", ["", "4300", "NL91ABNA"])
def test_too_short_a_text_is_hidden_altogether(short: str) -> None:
    assert masked(short) == "•" * len(short)


@given(st.text(max_size=40))
def test_any_text_is_an_account_number_or_gives_a_code(text: str) -> None:
    try:
        outcome = clean_iban(text)
    except InvalidIban as refused:
        outcome = refused.code
    assert outcome.isalnum() or outcome in {"iban_format", "iban_country", "iban_length", "iban_checksum"}


@given(st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_wrong_character_never_passes(place: int, digit: str) -> None:
    wrong = IBAN[:place] + digit + IBAN[place + 1 :]
    if wrong != IBAN:
        with pytest.raises(InvalidIban):
            clean_iban(wrong)


@given(st.text(max_size=40))
def test_masking_never_shows_more_than_six_characters(text: str) -> None:
    assert len([letter for letter in masked(text) if letter not in "• "]) <= 6

"""File names: what is left of them is harmless wherever it is shown."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.interfaces.files import MAX_NAME, clean_name
from portal.interfaces.files.names import foreign_extension

CLEANED = {
    "bon.JPG": "bon.jpg",
    "bon.jpeg": "bon.jpg",
    "IMG_0042.HEIC": "IMG_0042.jpg",
    "bon.pdf": "bon.jpg",
    "bon 12.50": "bon 12.50.jpg",
    "bon": "bon.jpg",
    "": "bijlage.jpg",
    ".jpg": "jpg.jpg",
    "...": "bijlage.jpg",
    "../../etc/passwd": "passwd.jpg",
    "C:\\Users\\jan\\bon.jpg": "bon.jpg",
    "/": "bijlage.jpg",
    "bon\r\nSet-Cookie: x.jpg": "bonSet-Cookie- x.jpg",
    "bon\0.jpg": "bon.jpg",
    "bon\u202egpj.jpg": "bongpj.jpg",
    "bon\u200b\u2066.jpg": "bon.jpg",
    "Cafe\u0301.jpg": "Caf\u00e9.jpg",
    "  veel   blanks .jpg": "veel blanks.jpg",
    'a<b>"c|d?e*f.jpg': "a-b--c-d-e-f.jpg",
    "foto.jpg:geheim": "foto.jpg-geheim.jpg",
}


@pytest.mark.parametrize(("filename", "expected"), CLEANED.items())
def test_names_are_cleaned(filename: str, expected: str) -> None:
    assert clean_name(filename, "jpg") == expected


@given(st.text(max_size=400))
def test_any_name_becomes_a_safe_one(filename: str) -> None:
    name = clean_name(filename, "pdf")
    assert len(name) <= MAX_NAME
    assert name.endswith(".pdf")
    assert not name.startswith((".", " "))
    assert not set(name) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"} for char in name)


@given(st.text(max_size=400))
def test_cleaning_twice_is_cleaning_once(filename: str) -> None:
    once = clean_name(filename, "pdf")
    assert clean_name(once, "pdf") == once


@given(st.text("aé😀.", min_size=200, max_size=400))
def test_long_names_keep_their_extension(filename: str) -> None:
    assert clean_name(filename + ".png", "jpg").endswith(".jpg")


@pytest.mark.parametrize("filename", ["bon", "bon.jfif", "bon.HEIF", "bon 12.50", "bon.2026", "Mevr. Jansen", ""])
def test_no_or_known_extension_is_fine(filename: str) -> None:
    assert foreign_extension(filename) is None


@pytest.mark.parametrize("filename", ["a.exe", "a.jpg.exe", "a.EXE. ", "a.e\u200bxe", "gpj.\u202eexe", "x/a.docx"])
def test_other_extensions_are_seen(filename: str) -> None:
    assert foreign_extension(filename) in {"exe", "docx"}

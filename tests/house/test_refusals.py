"""Every reason to refuse something is provoked by a test somewhere, and says one thing only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MADE_BY = {
    "Refusal": 0, "Rule": 0, "Problem": 1, "wrong": 1, "BankFileError": 0, "InvalidIban": 0, "FileRefused": 0,
    "MoneyError": 0,
}  # fmt: skip
"""Which argument of these calls is a code."""
TABLES = ("SENTENCES", "WHY", "_CODES")


def trees() -> Iterator[ast.Module]:
    for folder in ("portal", "workflows"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "versions" not in file.parts:
                yield ast.parse(file.read_text())


def text_of(node: ast.AST | None) -> str | None:
    """The text of a literal, also within N_()."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
        return text_of(node.args[0])
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def refusals_of(tree: ast.Module) -> Iterator[tuple[str, str, str]]:
    """How a refusal is made, its code, and its sentence where it stands beside it."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in MADE_BY:
                place = MADE_BY[name]
                code = text_of(node.args[place]) if len(node.args) > place else None
                sentence = text_of(node.args[place + 1]) if len(node.args) > place + 1 else None
                if code:
                    yield name, code, sentence or ""
            case ast.Call(func=ast.Name(id="other_than")):
                said = {word.arg: text_of(word.value) for word in node.keywords}
                yield "Rule", said["code"] or "", said["sentence"] or ""
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(keys=keys))
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Dict(keys=keys))
            ) if name.endswith(TABLES):
                yield from (("table", code, "") for key in keys if (code := text_of(key)))


FOUND = [found for tree in trees() for found in refusals_of(tree)]


def test_the_search_finds_what_is_there() -> None:
    codes = {code for _, code, _ in FOUND}
    assert {"own_case", "not_now", "four_eyes_release", "date_future", "money_negative", "file_bomb"} <= codes
    assert {"iban_checksum", "bank_file_doctype", "second_copy", "substitute_barred", "throttled"} <= codes
    assert len(codes) > 100


def test_every_code_is_provoked_by_a_test() -> None:
    texts = "".join(f.read_text() for f in (ROOT / "tests").rglob("*.py") if f != Path(__file__))
    assert sorted({code for _, code, _ in FOUND if f'"{code}"' not in texts}) == []


def test_one_code_has_one_sentence() -> None:
    said: dict[str, set[str]] = {}
    for kind, code, sentence in FOUND:
        if kind in ("Refusal", "Rule") and sentence:
            said.setdefault(code, set()).add(sentence)
    assert {code: sentences for code, sentences in said.items() if len(sentences) > 1} == {}


def test_every_sentence_is_a_sentence() -> None:
    sentences = {sentence for kind, _, sentence in FOUND if kind in ("Refusal", "Rule") and sentence}
    assert [s for s in sentences if not (s[0].isupper() and s.endswith("."))] == []

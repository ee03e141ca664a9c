"""The one error this package raises about a file's content, and its stable codes."""

from typing import Literal, get_args

RefusalCode = Literal[
    "file_empty",
    "file_too_big",
    "file_type",
    "file_type_mismatch",
    "file_damaged",
    "file_bomb",
    "file_polyglot",
    "file_infected",
    "file_encrypted",
    "file_active_content",
    "file_too_many_pages",
]
"""Why a file was refused. The web layer has one translated sentence per code; codes never change meaning."""

REFUSAL_CODES: tuple[RefusalCode, ...] = get_args(RefusalCode)


class FileRefused(ValueError):
    """A file that is not taken in.

    `code` picks the sentence the user reads, `name` is the cleaned file name to put in it (empty while an
    inner check raises; `take_in` fills it), `detail` is English for the log and may quote what was found.
    """

    def __init__(self, code: RefusalCode, name: str = "", detail: str = "") -> None:
        super().__init__(": ".join(part for part in (code, name, detail) if part))
        self.code: RefusalCode = code
        self.name = name
        self.detail = detail

    def named(self, name: str) -> "FileRefused":
        """The same refusal, tied to the file the user knows by this name."""
        return FileRefused(self.code, name, self.detail)

"""What runs confined costs no more than it may, and says how it ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.interfaces.confined import GIB, Limits, run

SMALL = Limits(memory=GIB // 2, seconds=1)


def script(folder: Path, text: str) -> str:
    file = folder / "work.py"
    file.write_text(text)
    return str(file)


def test_it_gets_what_is_handed_to_it_and_answers(tmp_path: Path) -> None:
    what = script(tmp_path, "import sys; sys.stdout.write(sys.argv[1] + sys.stdin.read())")
    done = run(what, 7, limits=SMALL, patience=20, data=b" bonnen")
    assert (done.out, done.failed) == (b"7 bonnen", "")


@pytest.mark.parametrize(
    "harm",
    [
        "bytearray(2**30)",
        "while True: pass",
        "import pathlib; pathlib.Path('{folder}/out').write_text('x' * 9)",
        "raise SystemExit(3)",
    ],
)
def test_what_takes_too_much_is_ended_and_what_went_out_before_is_kept(tmp_path: Path, harm: str) -> None:
    what = script(tmp_path, f"print('so far', flush=True)\n{harm.format(folder=tmp_path)}\n")
    done = run(what, limits=SMALL, patience=20)
    assert done.out == b"so far\n"
    assert done.failed
    assert not (tmp_path / "out").exists() or (tmp_path / "out").read_bytes() == b""


def test_it_is_ended_when_it_takes_too_long(tmp_path: Path) -> None:
    what = script(tmp_path, "import time\nprint('so far', flush=True)\ntime.sleep(60)\n")
    done = run(what, limits=SMALL, patience=1.5)
    assert (done.out, done.failed) == (b"so far\n", "it took too long")


def test_it_may_write_where_that_is_allowed(tmp_path: Path) -> None:
    what = script(tmp_path, f"open('{tmp_path}/out', 'w').write('x')")
    assert not run(what, limits=Limits(GIB, 5, writes=True), patience=20).failed
    assert (tmp_path / "out").read_text() == "x"

"""Templates are compiled before the first request and kept: compiling one takes longer than any page."""

from __future__ import annotations

import ast
from typing import Any

from portal.interfaces.letters import TEMPLATES
from portal.web import warm
from portal.worlds import World
from tests.cast import Cast
from tests.house.test_house import modules
from tests.web.stage import Stage
from tests.web.test_statements import ask


def test_no_request_compiles_a_template(world: World, cast: Cast, app: Any, browse: Any, stage: Stage) -> None:
    warm.up(app)
    known = set(app.jinja_env.cache.keys())
    ask(world, cast, browse, stage)
    assert set(app.jinja_env.cache.keys()) == known
    # A plain dict forgets nothing, and notes nothing when a template is used.
    assert type(app.jinja_env.cache) is dict


def test_macros_of_pages_are_made_once() -> None:
    """An import with context makes its macros anew for each page, and in an included template each time around."""
    found = [str(file) for file in TEMPLATES.rglob("*.html") if "with context" in file.read_text(encoding="utf-8")]
    assert found == []


def test_no_template_is_made_from_a_text() -> None:
    made = {"render_template_string", "from_string"}
    found = [
        f"{name}:{node.lineno}"
        for name, tree in modules("portal")
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute) and (node.id if isinstance(node, ast.Name) else node.attr) in made
    ]
    assert found == []

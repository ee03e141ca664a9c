"""Templates are compiled before the first request and kept: compiling one takes longer than any page."""

from __future__ import annotations

import ast
from typing import Any

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
    assert len(known) < app.jinja_env.cache.capacity


def test_no_template_is_made_from_a_text() -> None:
    made = {"render_template_string", "from_string"}
    found = [
        f"{name}:{node.lineno}"
        for name, tree in modules("portal")
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute) and (node.id if isinstance(node, ast.Name) else node.attr) in made
    ]
    assert found == []

"""How Jinja makes our pages: as it always does, without what it would do over and over."""

from __future__ import annotations

from collections.abc import MutableMapping
from types import FunctionType, MethodType
from typing import Any

from flask.sansio.app import App
from flask.templating import Environment
from jinja2.runtime import Context, Macro


class Calling(Context):
    """Calls what a template names. Macros and plain functions, which are nearly all, are known at a glance.

    Jinja asks of everything that is called, each time, whether it wants to be handed the context: a tenth of the time
    of a page with a form.
    """

    def call(__self, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - as Jinja names them
        kind = type(__obj)
        if kind is Macro:
            args = (__self.eval_ctx, *args)
        elif kind not in PLAIN or hasattr(__obj, "jinja_pass_arg"):
            return super().call(__obj, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return __obj(*args, **kwargs)


PLAIN = frozenset({FunctionType, MethodType})


class Templates(Environment):
    """Templates that share one plain dict of what all may use, and are kept in another.

    Jinja lays an empty dict over the first for each template, and then goes through both by hand for every page,
    include and import: a tenth of the time of a page. Its own keeping notes which template was used last, to forget
    others: of ours none needs to be forgotten.
    """

    context_class = Calling

    def __init__(self, app: App, **options: Any) -> None:
        super().__init__(app, cache_size=-1, **options)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals

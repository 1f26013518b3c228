"""The console's templates: what they may call, and nothing of what a person wrote is ever taken for HTML."""

import functools
from collections.abc import Mapping
from typing import Any

import jinja2
from markupsafe import Markup

from insuragent.headoffice import charts
from insuragent.headoffice.console.pages import ROOT
from insuragent.headoffice.staff import ROLE_LABELS
from insuragent.i18n import _, format_date, format_moment, language
from insuragent.settings import resource


class Templates:
    """Templates of resources/console."""

    def __init__(self) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(resource("console")),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {
            "_": _,
            "root": ROOT,
            "icon": icon,
            "language": language,
            "moment": format_moment,
            "day": format_date,
            "role_label": lambda role: _(ROLE_LABELS[role]),
            "bars": charts.bars,
            "token": _token,
        }

    def render(self, name: str, told: Mapping[str, Any]) -> str:
        """A page as HTML."""
        return self._environment.get_template(name).render(told)


@jinja2.pass_context
def _token(context: jinja2.runtime.Context) -> Markup:
    """The part of a form that shows that it is ours."""
    return Markup('<input type="hidden" name="_csrf_token" value="{}">').format(context["csrf"])


@functools.cache
def icon(name: str) -> Markup:
    """One of resources/icons; it says nothing that is not said in words beside it."""
    drawn = resource(f"icons/{name}.svg").read_text(encoding="utf-8").strip()
    return Markup(drawn.replace("<svg ", '<svg class="icon" aria-hidden="true" ', 1))  # noqa: S704 - a file of ours

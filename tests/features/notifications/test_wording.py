"""Wording says what Django's templates say, whichever of the two fills it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.template import Context, Engine, TemplateSyntaxError
from django.test.utils import override_settings
from django.utils.safestring import mark_safe

from carillon.notifications.kinds import registered_kinds
from carillon.notifications.wording import Wording

VALUES: list[dict[str, Any]] = [
    {},
    {"name": "Zoé & <b>", "count": 1},
    {"name": "", "count": 12345},
    {"name": mark_safe("<i>"), "count": True, "items": "own"},
    {"name": None, "count": 1.5, "when": dt.date(2026, 5, 1)},
    {"name": ["a", "b"], "count": "3", "who": {"name": "Ana"}},
    {"name": 'sa "y', "count": -1, "title": "T", "sender": "S", "excerpt": "e", "conversation": 1234},
]
SOURCES = [
    "plain",
    "{{ name }} has {{ count }}",
    "{% if count > 1 %}{{ count }} of {{ name }}{% elif name %}{{ name }}{% else %}none{% endif %}.",
    "{% if not name or count == 1 and name %}a{% if items %}{{ items }}{% endif %}{% endif %}b",
    "{% if name in 'Zoé' %}in{% endif %}{% if count == True %}yes{% endif %}",
    "{% if name|length > 2 %}long{% endif %}{{ name|upper }}",
    "{% if who.name %}{{ who.name }}{% endif %}{{ 5 }}{{ 'text' }}",
    "{% for each in name %}{{ each }},{% endfor %}{# no #}{{ when }}",
    "{% if count < name %}less{% endif %}{{ missing }}{% if items %}!{% endif %}",
    "",
]


@pytest.mark.parametrize("is_grouped", [False, True])
def test_it_says_what_a_template_says(is_grouped: bool) -> None:
    texts = [
        text for kind in registered_kinds().values() for words in kind.texts.values() for text in vars(words).values()
    ]
    engine = Engine(autoescape=False)
    with override_settings(USE_THOUSAND_SEPARATOR=is_grouped):
        for source in [*SOURCES, *texts, *(kind.url for kind in registered_kinds().values())]:
            template = engine.from_string(source)
            for values in VALUES:
                assert Wording(source).fill(values) == template.render(Context(values, autoescape=False)), source


def test_what_does_not_parse_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError):
        Wording("{% if %}")

"""Catalogs of translations: how texts are found, and that nothing of them is missing or broken."""

from __future__ import annotations

import gettext
import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Message
from catalog import in_python, in_templates, keeping
from catalog.texts import TEMPLATES, Unreadable
from catalog.unmarked import unmarked_in

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%")
MARKUP = re.compile(r"</?\w[^>]*>|&\w+;")
# Landing pages' words are content.
STAFF_TEMPLATES = [
    path
    for folder in ("dashboard", "components")
    for path in sorted((TEMPLATES / folder).rglob("*"))
    if path.suffix in in_templates.SUFFIXES
]


def translations() -> list[Message]:
    return [message for message in keeping.read("de") if message.id]


def forms_of(message: Message) -> list[tuple[str, str]]:
    """Return each form in English with what stands for it."""
    if isinstance(message.id, str):
        assert isinstance(message.string, str)
        return [(message.id, message.string)]
    assert message.string
    return list(zip(message.id, message.string, strict=True))


def texts(code: str) -> list[tuple[str | None, str, str | None]]:
    found = in_python.texts_in(
        f"from django.utils.translation import gettext as _, ngettext, pgettext_lazy\n{code}",
        Path("code.py"),
    )
    return [(text.context, text.singular, text.plural) for text in found]


def template_texts(source: str) -> list[tuple[str | None, str, str | None]]:
    found = in_templates.texts_in(f"{{% load i18n %}}{source}", Path("page.html"))
    return [(text.context, text.singular, text.plural) for text in found]


def test_texts_of_code_are_found_as_they_are_looked_up() -> None:
    assert texts('_("One " "text")') == [(None, "One text", None)]
    assert texts('ngettext("%(n)s day", "%(n)s days", n)') == [(None, "%(n)s day", "%(n)s days")]
    assert texts('pgettext_lazy("event", "Click")') == [("event", "Click", None)]
    assert texts("_(CONSTANT)") == []
    assert texts('other("No text")') == []


@pytest.mark.parametrize("code", ['_(f"Hello {name}")', '_("Hello " + name)'])
def test_text_that_is_put_together_is_refused(code: str) -> None:
    with pytest.raises(Unreadable, match=r"code\.py:2"):
        texts(code)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("{% translate 'Save' %}", (None, "Save", None)),
        ("{% translate 'Click' context 'event' %}", ("event", "Click", None)),
        ("{% translate '5 %' %}", (None, "5 %%", None)),
        ("{% blocktranslate trimmed %}\n  Two\n  lines\n{% endblocktranslate %}", "Two lines"),
        (
            "{% blocktranslate count n=3 %}{{ n }} a{% plural %}{{ n }} b{% endblocktranslate %}",
            (None, "%(n)s a", "%(n)s b"),
        ),
        ("{% include 'x.html' with a=_('An argument') %}", "An argument"),
        ("{{ name|default:_('nobody') }}", "nobody"),
        (
            "{% load partials %}{% partialdef p %}{% translate 'Within' %}{% endpartialdef %}",
            "Within",
        ),
    ],
)
def test_texts_of_templates_are_found_as_they_are_looked_up(source: str, found: Any) -> None:
    assert template_texts(source) == [(None, found, None) if isinstance(found, str) else found]


def test_percent_sign_that_django_would_double_is_refused() -> None:
    with pytest.raises(Unreadable, match="doubles"):
        template_texts("{{ name|default:_('5 %') }}")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Words</p>", ["Words"]),
        ("<p>{{ name }} did <b>this</b></p>", ["did", "this"]),
        ('<img alt="A picture">', ["A picture"]),
        ('<a aria-label="Go {{ where }}">{% translate "Go" %}</a>', ["Go"]),
        ('{% include "x.html" with title="A title" url=address %}', ["A title"]),
        ('{{ name|default:"Never" }}', ["Never"]),
        ('{{ day|date:"j M Y" }}', ["j M Y"]),
        ("{% if a %}or{% else %}and{% endif %}", ["and", "or"]),
        ('<p>{% translate "Words" %} 5 % – {{ number }}</p>', []),
        ("{% blocktranslate %}Words{% endblocktranslate %}", []),
        ("{# Words #}{% comment %}Words{% endcomment %}<code>words</code>", []),
        (
            '<p class="some words" data-x="more words" id="{{ id }}-title">{{ day|date:"c" }}</p>',
            [],
        ),
        ('{% if role == "Some role" %}{% url "a b" %}{% endif %}', []),
    ],
)
def test_words_without_a_mark_are_noticed(source: str, words: list[str]) -> None:
    assert [text for _line, text in unmarked_in(source)] == words


def is_sound(english: str, german: str, message: Message) -> bool:
    wanted, there = (sorted(PLACEHOLDER.findall(text)) for text in (english, german))
    if not isinstance(message.id, str):
        # A language may leave the number out of “one draft”, or put it there.
        everywhere = set(PLACEHOLDER.findall(forms_of(message)[-1][0]))
        wanted, there = [], sorted(set(there) - everywhere)
    tags, kept = (sorted(MARKUP.findall(text)) for text in (english, german))
    # What is joined to something else keeps its spaces.
    ends, kept_ends = ((text[:1] == " ", text[-1:] == " ") for text in (english, german))
    return (wanted, tags, ends) == (there, kept, kept_ends)


def test_translations_keep_placeholders_markup_and_spaces() -> None:
    broken = [
        (english, german)
        for message in translations()
        for english, german in forms_of(message)
        if not is_sound(english, german, message)
    ]
    assert broken == []


def test_plural_forms_are_those_of_german() -> None:
    catalog = keeping.read("de")
    assert (catalog.num_plurals, catalog.plural_expr) == (2, "(n != 1)")
    plural = [message for message in translations() if not isinstance(message.id, str)]
    assert plural
    assert all(len(forms_of(message)) == 2 for message in plural)


def test_compiled_catalog_is_the_written_one() -> None:
    with keeping.mo_path("de").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in translations():
        if isinstance(message.id, str):
            said = (
                compiled.pgettext(message.context, message.id)
                if message.context
                else compiled.gettext(message.id)
            )
            assert said == message.string
        else:
            one, many = message.id
            assert (compiled.ngettext(one, many, 1), compiled.ngettext(one, many, 2)) == (
                message.string
            )
    assert keeping.mo_path("de").read_bytes() == keeping.compiled(keeping.read("de"))


def test_catalog_has_every_text_translated_and_no_other() -> None:
    """`make messages` brings it up to date."""
    catalog = keeping.updated("de", keeping.found_texts())
    assert keeping.untranslated(catalog) == []
    assert keeping.written(catalog, "de") == keeping.po_path("de").read_text()
    assert not any(message.fuzzy for message in keeping.read("de"))


def test_every_word_of_a_template_is_marked() -> None:
    unmarked = {
        str(path.relative_to(TEMPLATES)): found
        for path in STAFF_TEMPLATES
        if (found := unmarked_in(path.read_text()))
    }
    assert unmarked == {}

"""Catalogs: .po files, which people edit, and .mo files, which Django reads."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from catalog.in_content import texts_of_content
from catalog.in_python import texts_in_packages
from catalog.in_templates import texts_in_templates
from catalog.texts import PROJECT, Text

# English stands in the code.
LANGUAGES = ("de",)
# Babel writes when a catalog was made; ours say the same each time they are made.
_ALWAYS = datetime(2026, 1, 1, tzinfo=UTC)
_HEADER = """\
# {language}: every text of the dashboard. `make messages` finds new texts and compiles this file;
# docs/translating.md tells how, and which words stand for which.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def po_path(language: str) -> Path:
    return PROJECT / "locale" / language / "LC_MESSAGES" / "django.po"


def mo_path(language: str) -> Path:
    return po_path(language).with_suffix(".mo")


def found_texts() -> list[Text]:
    """Return every text that is marked, in code and templates."""
    return [*texts_in_packages(), *texts_of_content(), *texts_in_templates()]


def read(language: str) -> Catalog:
    """Return the catalog as it is kept; an empty one where there is none yet."""
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str, texts: Iterable[Text]) -> Catalog:
    """Return the kept translations of these texts and of no others; "" for new ones.

    A changed text is a new one: what was said before may be wrong now.
    """
    kept, made = read(language), Catalog(locale=language)
    for text in texts:
        made.add(
            (text.singular, text.plural) if text.plural else text.singular,
            locations=[(text.path, 0)],
            context=text.context,
        )
    for message in made:
        known = kept.get(_key(message.id), message.context) if message.id else None
        if known and isinstance(known.id, str) == isinstance(message.id, str):
            message.string = known.string
            message.user_comments = known.user_comments
    return made


def _key(message_id: str | tuple[str, ...] | list[str]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def written(catalog: Catalog, language: str) -> str:
    """Return the .po file's text. Places are files without lines, so that it changes seldom."""
    file = io.BytesIO()
    write_po(file, catalog, width=100, omit_header=True, sort_by_file=True, include_lineno=False)
    header = _HEADER.format(language=language, plural_forms=catalog.plural_forms)
    return header + file.getvalue().decode()


def compiled(catalog: Catalog) -> bytes:
    """Return the .mo file; texts without a translation are left out, and stay English."""
    catalog.creation_date = catalog.revision_date = _ALWAYS
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def untranslated(catalog: Catalog) -> list[str]:
    """Return the texts that have no translation, or not in each plural form."""
    return [
        _key(message.id)
        for message in catalog
        if message.id
        and not (all(message.string) if isinstance(message.string, tuple) else message.string)
    ]

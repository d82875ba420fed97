"""Bring the catalogs of translations up to date with what is marked, and compile them.

    make messages

Texts that are new stand in locale/<language>/LC_MESSAGES/django.po with an empty msgstr; fill them
in and run it again. Texts that are gone are dropped. Ends with 1 as long as any is untranslated.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent

os.environ.update(
    DJANGO_SETTINGS_MODULE="config.settings",
    # Nothing connects.
    DATABASE_URL="postgres://messages@127.0.0.1/messages",
    APP_ENV="development",
)


def main() -> int:
    """Write every catalog; return how the process shall end."""
    sys.path.append(str(PROJECT))
    import django

    django.setup()
    from catalog import keeping

    texts, is_whole = keeping.found_texts(), True
    for language in keeping.LANGUAGES:
        catalog = keeping.updated(language, texts)
        path = keeping.po_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(keeping.written(catalog, language))
        keeping.mo_path(language).write_bytes(keeping.compiled(catalog))
        missing = keeping.untranslated(catalog)
        print(f"{language}: {len(catalog)} texts, {len(missing)} without a translation")
        for text in missing:
            print(f"  {text[:90]}")
        is_whole = is_whole and not missing
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main())

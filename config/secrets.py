"""The development secret key: made once, kept under `var/`, never used in production."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def development_key(var_dir: Path, is_production: bool) -> str:
    """Return the installation's own development key, making it on first use.

    Raises ImproperlyConfigured in production, where a key must be given: a key that a restart or a
    second container would change signs everybody out and voids their assignment cookies.
    """
    if is_production:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Production needs one, the same for every process: "
            'python -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    path = var_dir / "secret_key"
    if not path.exists():
        var_dir.mkdir(parents=True, exist_ok=True)
        # Readable by its owner alone, from the first moment.
        handle, name = tempfile.mkstemp(dir=var_dir, prefix="secret_key.")
        draft = Path(name)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            # link() fails where a parallel process was first; its key is then everybody's.
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()

from __future__ import annotations


class EmbeddedError(Exception):
    """Why the embedded server can't run, in a sentence that says what would help."""

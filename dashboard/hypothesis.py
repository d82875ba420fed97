"""A hypothesis in its three parts: if we …, then …, because …"""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext_lazy, override

# What each part begins with, in the language of whoever writes it down.
FRAMES = (gettext_lazy("If we"), gettext_lazy("then"), gettext_lazy("because"))
_LONGEST_NAME = 60


class Hypothesis(NamedTuple):
    change: str = ""
    effect: str = ""
    reason: str = ""

    @property
    def text(self) -> str:
        """As it is kept: a line for each part that there is."""
        told = zip(FRAMES, self, strict=True)
        return "\n".join(f"{frame} {' '.join(part.split())}" for frame, part in told if part)

    @property
    def suggested_name(self) -> str:
        """A name for the experiment: what it changes, cut where a word ends."""
        name = " ".join(self.change.split()).rstrip(".,;")
        if len(name) > _LONGEST_NAME:
            name = name[: _LONGEST_NAME + 1].rsplit(" ", 1)[0][:_LONGEST_NAME].rstrip(".,;")
        return name[:1].upper() + name[1:]


def parts_of(text: str) -> Hypothesis | None:
    """Return the parts of a kept hypothesis, in whatever language; None where it has none."""
    lines = text.splitlines()
    for code, _name in settings.LANGUAGES:
        with override(code):
            frames = [f"{frame} " for frame in FRAMES]
        parts = ["", "", ""]
        for index, frame in enumerate(frames):
            if lines and lines[0].startswith(frame):
                parts[index] = lines[0].removeprefix(frame)
                lines = lines[1:]
        if not lines:
            return Hypothesis(*parts)
        lines = text.splitlines()
    return None

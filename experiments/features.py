"""Which toggles the landing page reads, and what each does there. A test holds this to the code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy


@dataclass(frozen=True, slots=True)
class Feature:
    """What a toggle does to the page, and where a visitor sees it. Texts are translated."""

    does: Any
    where: Any


FEATURES: Mapping[str, Feature] = {
    "show_hero_banner": Feature(
        gettext_lazy("Shows the banner."),
        gettext_lazy("every landing page, above everything else"),
    ),
    "enable_social_proof": Feature(
        gettext_lazy("Shows figures, testimonials and customers’ logos, and the links to them."),
        gettext_lazy("every landing page, where it tells what others say"),
    ),
    "cta_style_aggressive": Feature(
        gettext_lazy("Makes the call to action louder, and gives it its insistent wording."),
        gettext_lazy("every landing page, each of its calls to action"),
    ),
}

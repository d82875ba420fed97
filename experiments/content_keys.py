"""Every text of the landing page, part by part, with its default: a sample product's page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# Texts that may be longer than this get a field of several lines.
LONG = 150


@dataclass(frozen=True, slots=True)
class ContentKey:
    """One text of the page: its name in forms, its default, and the most characters it may have.

    `group` is the part of the page that the text stands in; forms put a group's keys together.
    """

    key: str
    label: str
    default: str
    max_length: int
    is_long: bool = False
    group: str = "Page"


def _texts(group: str, *entries: tuple[str, str, int, str]) -> tuple[ContentKey, ...]:
    """Return a group's keys; an entry is (key, label, most characters, default)."""
    return tuple(
        ContentKey(key, label, default, max_length, max_length > LONG, group)
        for key, label, max_length, default in entries
    )


def _blocks(
    group: str, name: str, parts: tuple[tuple[str, int], ...], blocks: Iterable[tuple[str, ...]]
) -> tuple[ContentKey, ...]:
    """Return the keys of a repeated block: `feature_1_title`, `feature_1_text`, `feature_2_…`.

    `parts` are (part, most characters); each of `blocks` has one default for each part.
    """
    return _texts(
        group,
        *(
            (f"{name}_{number}_{part}", f"{name.capitalize()} {number}: {part}", most, default)
            for number, block in enumerate(blocks, start=1)
            for (part, most), default in zip(parts, block, strict=True)
        ),
    )


HERO = _texts(
    "Hero",
    ("hero_badge", "Hero badge", 60, "The end-of-day planner for teams"),
    ("hero_headline", "Hero headline", 120, "Leave work with tomorrow already planned"),
    (
        "hero_text",
        "Hero text",
        400,
        (
            "Morrowdesk turns the last ten minutes of the day into a plan that your whole team can "
            "see, so that nobody starts the morning by asking what to do."
        ),
    ),
    ("hero_link_label", "Second link of the hero", 40, "See how a day ends"),
)
CTA = _texts(
    "Call to action",
    ("cta_label", "CTA wording", 40, "Start your free trial"),
    ("cta_note", "Line under the CTA", 120, "Free for 30 days. No card needed."),
    ("cta_label_insistent", "CTA wording, insistent", 40, "Start now and leave on time today"),
    (
        "cta_note_insistent",
        "Line under the CTA, insistent",
        120,
        "Two minutes to set up. 30 days free. Nothing to cancel.",
    ),
)
BANNER = _texts(
    "Banner",
    (
        "banner_text",
        "Banner text",
        120,
        "New: hand-over notes, waiting on the board for whoever opens up.",
    ),
    ("banner_link_label", "Banner link", 40, "See what’s in it"),
)
FIGURES = _blocks(
    "Figures",
    "figure",
    (("value", 12), ("label", 80)),
    (
        ("10 min", "to plan the next day, at the end of this one"),
        ("4 in 5", "plans still stand at noon"),
        ("−38 %", "questions asked before nine o’clock"),
        ("17:04", "is when the last lamp goes off, on average"),
    ),
)
FEATURES = _texts(
    "Features",
    ("features_title", "Features title", 120, "Everything tomorrow needs, and nothing more"),
    (
        "features_text",
        "Features text",
        300,
        (
            "One board that everybody closes together. Six things it does for you while you fetch "
            "your coat."
        ),
    ),
) + _blocks(
    "Features",
    "feature",
    (("title", 60), ("text", 240)),
    (
        (
            "One board for the day",
            (
                "Everybody’s tomorrow side by side: what is set, what is still open, and who has "
                "room for more."
            ),
        ),
        (
            "Carry over in one move",
            (
                "What today didn’t finish moves on with its notes, its files and its owner. "
                "Nothing is typed twice."
            ),
        ),
        (
            "Hand-over notes",
            (
                "Leave a line for whoever opens up. It waits on top of their board in the morning, "
                "and nowhere else."
            ),
        ),
        (
            "Honest hours",
            (
                "A day that is planned past its hours says so this evening, while there is still "
                "time to move things."
            ),
        ),
        (
            "Fits your calendar",
            (
                "Meetings arrive by themselves. Plans go back as free and busy, and nobody sees "
                "more than you share."
            ),
        ),
        (
            "Lights off",
            (
                "One switch ends your day: notices rest until morning, and your team can see that "
                "you’re done."
            ),
        ),
    ),
)
STEPS = _texts(
    "How it works",
    ("steps_title", "Steps title", 120, "How a day ends with Morrowdesk"),
) + _blocks(
    "How it works",
    "step",
    (("time", 12), ("title", 60), ("text", 240)),
    (
        (
            "16:50",
            "Look back",
            "Tick off what’s done. What isn’t asks you one question: tomorrow, later, or never?",
        ),
        (
            "16:55",
            "Lay out tomorrow",
            (
                "Move the three things that matter into the morning. Your team’s plans appear "
                "beside yours."
            ),
        ),
        (
            "17:00",
            "Lights off",
            (
                "Flip the switch and go. In the morning the board is open, in order, with nothing "
                "to look for."
            ),
        ),
    ),
)
SOCIAL_PROOF = (
    *_texts(
        "Social proof",
        ("social_proof_title", "Social proof title", 120, "Teams that end the day on time"),
        (
            "social_proof_text",
            "Social proof text",
            300,
            "What people say after their first month with Morrowdesk.",
        ),
    ),
    *_blocks(
        "Social proof",
        "quote",
        (("text", 300), ("role", 80)),
        (
            (
                (
                    "We used to spend the first half hour asking who does what. Now the press is "
                    "running by ten past eight."
                ),
                "Operations lead, a 40-person print shop",
            ),
            (
                "I’ve stopped taking my list home. It’s on the board, and the board is off.",
                "Head of kitchen, a catering company",
            ),
            (
                (
                    "The late shift leaves two lines, and the early shift begins with coffee "
                    "instead of phone calls."
                ),
                "Ward coordinator, a regional clinic",
            ),
        ),
    ),
    *_texts("Social proof", ("logos_title", "Logos title", 80, "The board is up at")),
)
SIGN_UP = _texts(
    "Sign-up form",
    ("sign_up_title", "Sign-up title", 120, "Plan tomorrow before you leave today"),
    (
        "sign_up_text",
        "Sign-up text",
        300,
        "Leave your work e-mail, and we’ll send you the key to your team’s first board.",
    ),
    ("sign_up_label", "Label of the e-mail field", 40, "Work e-mail"),
    (
        "sign_up_note",
        "Line under the form",
        160,
        "One e-mail to set up your board. No newsletter, and your address stays with us.",
    ),
    ("thanks_title", "Thank-you title", 120, "Thank you. Tomorrow looks better already."),
    (
        "thanks_text",
        "Thank-you text",
        300,
        "We have your address. The key to your board will be in your inbox by the end of the day.",
    ),
)
PAGE = _texts(
    "Page",
    ("page_title", "Page title", 80, "Morrowdesk: leave work with tomorrow already planned"),
    (
        "page_description",
        "Page description",
        200,
        (
            "Morrowdesk is the shared end-of-day planner. Ten minutes before you leave, tomorrow "
            "is set, for you and for your team."
        ),
    ),
    (
        "footer_text",
        "Footer text",
        200,
        (
            "Morrowdesk is an invented product: the firms, figures and quotations on this page "
            "are samples."
        ),
    ),
)

CONTENT_KEYS: tuple[ContentKey, ...] = (
    *HERO,
    *CTA,
    *SOCIAL_PROOF,
    *BANNER,
    *FIGURES,
    *FEATURES,
    *STEPS,
    *SIGN_UP,
    *PAGE,
)

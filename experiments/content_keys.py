"""Every text of the landing page, part by part, with its default: a sample product's page."""

from __future__ import annotations

from experiments.content_key import ContentKey, blocks, texts
from experiments.content_sections import SECTIONS, written

HERO = texts(
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
    (
        "illustration_text",
        "Illustration, for those who can’t see it",
        240,
        (
            "A day board under a low sun: what is done stands under today, what is planned under "
            "tomorrow, and one card is on its way across"
        ),
    ),
)
CTA = texts(
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
BANNER = texts(
    "Banner",
    (
        "banner_text",
        "Banner text",
        120,
        "New: hand-over notes, waiting on the board for whoever opens up.",
    ),
    ("banner_link_label", "Banner link", 40, "See what’s in it"),
)
NAVIGATION = texts(
    "Navigation",
    ("brand_name", "Brand name", 40, "Morrowdesk"),
    ("nav_features", "Link to the features", 30, "Features"),
    ("nav_steps", "Link to the steps", 30, "How it works"),
    ("nav_social_proof", "Link to the social proof", 30, "What people say"),
    ("nav_sign_up", "Link to the form", 30, "Sign up"),
    ("nav_name", "Name of the menu", 60, "On this page"),
    ("footer_nav_name", "Name of the menu in the footer", 60, "More of this page"),
    ("skip_label", "Link past the menu", 60, "Skip to the content"),
)
FIGURES = texts(
    "Figures",
    ("figures_name", "Name of the figures", 80, "Morrowdesk in figures"),
) + blocks(
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
FEATURES = texts(
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
) + blocks(
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
STEPS = texts(
    "How it works",
    ("steps_title", "Steps title", 120, "How a day ends with Morrowdesk"),
) + blocks(
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
    *texts(
        "Social proof",
        ("social_proof_title", "Social proof title", 120, "Teams that end the day on time"),
        (
            "social_proof_text",
            "Social proof text",
            300,
            "What people say after their first month with Morrowdesk.",
        ),
    ),
    *blocks(
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
    *texts("Social proof", ("logos_title", "Logos title", 80, "The board is up at")),
    *blocks(
        "Social proof",
        "logo",
        (("name", 24),),
        (("Quillfern",), ("Brindlehaus",), ("Tallowick",), ("Lumbrick",), ("Fennarrow",)),
    ),
)
SIGN_UP = texts(
    "Sign-up form",
    ("sign_up_title", "Sign-up title", 120, "Plan tomorrow before you leave today"),
    (
        "sign_up_text",
        "Sign-up text",
        300,
        "Leave your work e-mail, and we’ll send you the key to your team’s first board.",
    ),
    ("sign_up_label", "Label of the e-mail field", 40, "Work e-mail"),
    ("sign_up_example", "Example in the e-mail field", 60, "name@company.example"),
    (
        "sign_up_missing",
        "Where the field is empty",
        160,
        "Enter your e-mail address, such as name@company.example.",
    ),
    (
        "sign_up_incomplete",
        "Where it holds no address",
        160,
        ("This isn’t a complete e-mail address. Write it in full, such as name@company.example."),
    ),
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
SECTION_ORDER = texts(
    "Sections",
    ("sections", "Sections and their order", 120, written(SECTIONS)),
)
PAGE = texts(
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
        "image_text",
        "Picture of the page where it is shared",
        160,
        "A day board with tomorrow’s plan on it, under a setting sun",
    ),
    ("refused_title", "Before the title while the form is refused", 60, "Not signed up yet"),
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
    *NAVIGATION,
    *FIGURES,
    *FEATURES,
    *STEPS,
    *SIGN_UP,
    *SECTION_ORDER,
    *PAGE,
)

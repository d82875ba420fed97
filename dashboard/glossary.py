"""What the words mean that not everybody knows, for people who are no statisticians.

`{% term "lift" %}` (templatetags/terms.py) shows a word with its explanation. Words that a page
uses stand here, or are words of every day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Entry:
    """A word and what it means, in English; whoever shows them translates them."""

    word: str
    text: str


GLOSSARY: Mapping[str, Entry] = {
    "ab-test": Entry(
        _("A/B test"),
        _(
            "Visitors are shared out at random between versions of a page, at the same time. "
            "What differs then between the groups is due to the page, or to chance."
        ),
    ),
    "allocation": Entry(
        _("allocation"),
        _(
            "Which variant a visitor gets: worked out from their id, so that it is random between "
            "visitors and the same each time one of them returns."
        ),
    ),
    "alpha": Entry(
        _("α"),
        _(
            "How often, at most, a test may see a difference where there is none. At 0.05 it is "
            "5 in 100."
        ),
    ),
    "always-valid": Entry(
        _("always valid"),
        _(
            "You may look as often as you like, and stop whenever you like: the result promises "
            "the same at every look. Ordinary p-values don't."
        ),
    ),
    "baseline": Entry(
        _("baseline rate"),
        _("The conversion rate that you expect of the control, as things are today."),
    ),
    "bucket": Entry(
        _("bucket"),
        _(
            "One of 10,000 equal groups that visitors fall into by their id. Each variant owns as "
            "many of them as its share says."
        ),
    ),
    "confidence-interval": Entry(
        _("confidence interval"),
        _(
            "The range in which the true value lies, as far as the data can tell. At 95 %, 95 of "
            "100 such ranges hold it. Many visitors make it narrow."
        ),
    ),
    "confidence-sequence": Entry(
        _("confidence sequence"),
        _(
            "A confidence interval that you may look at every day: the whole series holds the true "
            "value, with the confidence that it names. It is a little wider for that."
        ),
    ),
    "content-key": Entry(
        _("content key"),
        _("The name of one text, button or section of the landing page that variants may change."),
    ),
    "control": Entry(
        _("control"),
        _("The variant that shows the page as it is. All others are compared with it."),
    ),
    "conversion": Entry(
        _("conversion"),
        _("A visitor who reached the goal. Each visitor counts once, however often they do it."),
    ),
    "conversion-rate": Entry(
        _("conversion rate"),
        _("The share of a variant's visitors who reached the goal."),
    ),
    "exposure": Entry(
        _("exposure"),
        _("A visitor saw their variant. From then on they count among its visitors."),
    ),
    "goal": Entry(
        _("goal"),
        _("What you want visitors to do, such as signing up. The primary goal decides."),
    ),
    "guardrail": Entry(
        _("guardrail"),
        _(
            "A goal that must not get worse while you improve another one. A clear harm to it is "
            "said at once."
        ),
    ),
    "inconclusive": Entry(
        _("inconclusive"),
        _("The data don't tell which variant is better; the true difference may be small or none."),
    ),
    "lift": Entry(
        _("lift"),
        _(
            "By how much a variant's rate is above the control's, relative to it: from 10 % to "
            "12 % is a lift of 20 %."
        ),
    ),
    "minimum-lift": Entry(
        _("smallest lift worth having"),
        _(
            "The smallest improvement that would be worth its effort. The smaller it is, the more "
            "visitors are needed to find it."
        ),
    ),
    "monte-carlo": Entry(
        _("Monte Carlo standard error"),
        _(
            "How far a figure from a simulation may be off, as only so many runs were made. More "
            "runs make it smaller."
        ),
    ),
    "multiple-comparisons": Entry(
        _("multiple comparisons"),
        _(
            "Whoever compares much finds something by chance. So several comparisons share the "
            "errors that one alone would be allowed."
        ),
    ),
    "percentage-points": Entry(
        _("points"),
        _("The difference of two rates in percent: from 10 % to 12 % is 2 points."),
    ),
    "p-value": Entry(
        _("p-value"),
        _(
            "How often chance alone would make a difference at least as large as this one, if the "
            "variants were the same. Small values speak for a real difference."
        ),
    ),
    "phase": Entry(
        _("phase"),
        _(
            "A stretch of time in which the experiment stayed the same. A change of its split, "
            "content or variants opens a new one, which counts from zero."
        ),
    ),
    "plan": Entry(
        _("plan"),
        _(
            "What you look for and how many visitors that takes, settled before the first result "
            "is known. It says when the experiment ends."
        ),
    ),
    "power": Entry(
        _("power"),
        _(
            "How often an experiment of this size finds the lift that you look for, if it is "
            "really there. 80 % is usual."
        ),
    ),
    "probability-better": Entry(
        _("chance to be better"),
        _(
            "How probable it is, by these data alone, that the variant's true rate is above the "
            "control's. It is no rule for stopping: watched daily, it deceives."
        ),
    ),
    "rollout": Entry(
        _("rollout"),
        _("The share of visitors for whom a toggle is on. Who has it keeps it while it grows."),
    ),
    "sample-ratio": Entry(
        _("sample ratio mismatch"),
        _(
            "The variants got other numbers of visitors than the split asks for, by more than "
            "chance allows. Something lost visitors, so the results can't be trusted."
        ),
    ),
    "secondary-goal": Entry(
        _("secondary goal"),
        _("A goal to learn from. It decides nothing."),
    ),
    "significant": Entry(
        _("significant"),
        _("More than chance alone would easily make. It says nothing of how much it matters."),
    ),
    "simulation": Entry(
        _("simulation"),
        _("Made-up experiments with made-up visitors, judged by the same rules as real ones."),
    ),
    "toggle": Entry(
        _("toggle"),
        _("A switch that turns a part of the landing page on or off, without an experiment."),
    ),
    "traffic-split": Entry(
        _("traffic split"),
        _("Which share of new visitors each variant gets. The shares sum to 100 %."),
    ),
    "treatment": Entry(
        _("treatment"),
        _("A variant that changes something. It is compared with the control."),
    ),
    "variant": Entry(
        _("variant"),
        _("One version of the page in an experiment. A visitor always sees the same one."),
    ),
    "verdict": Entry(
        _("verdict"),
        _(
            "What the data allow to say by the rules that were settled beforehand: a winner, a "
            "loser, or that it is too early."
        ),
    ),
}

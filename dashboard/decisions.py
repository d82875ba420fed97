"""What may be decided at an experiment's end, what each would mean, and what the results say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from dashboard import figures
from dashboard.progress import progress_of
from dashboard.sentences import Statement, statement_of
from experiments.content import KEYS
from experiments.lifecycle import Decision
from experiments.models import Experiment, Variant
from metrics.phase_results import phase_results_for
from metrics.stats.types import Kind, Reason
from metrics.verdicts import Judgement, judgement_for

_BETTER = (Kind.WINNER, Kind.EARLY_WINNER)
_WORSE = (Kind.LOSER, Kind.EARLY_LOSER, Kind.HARM)


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision: what everybody sees from then on, and what speaks against it, if anything.

    `value` is what the form sends: ship:<variant id>, keep or inconclusive.
    """

    value: str
    decision: Decision
    variant: Variant
    label: str
    effect: str
    texts: tuple[tuple[str, str], ...]
    caution: str
    is_advised: bool

    @property
    def winner_id(self) -> UUID | None:
        return self.variant.id if self.decision is Decision.SHIP else None


@dataclass(frozen=True, slots=True)
class Question:
    """What to decide, with what is known. `statement` is None where nobody came."""

    experiment: Experiment
    statement: Statement | None
    cautions: tuple[str, ...]
    choices: tuple[Choice, ...]


def question_of(experiment: Experiment) -> Question:
    """Return what may be decided on an experiment that runs."""
    judgement = judgement_for(phase_results_for(experiment))
    if judgement is not None and not judgement.verdict.visitors:
        judgement = None
    control, *treatments = experiment.variants.all()
    return Question(
        experiment=experiment,
        statement=statement_of(judgement) if judgement else None,
        cautions=tuple(_cautions(judgement)),
        choices=(
            *(_ship(variant, control, judgement) for variant in treatments),
            _keep(control, judgement),
            _inconclusive(control, judgement),
        ),
    )


def _cautions(judgement: Judgement | None) -> Sequence[str]:
    """Return what speaks against deciding anything now."""
    if judgement is None:
        return [_("Nobody has come yet: there are no results to decide by.")]
    if judgement.verdict.is_final or judgement.verdict.kind in (Kind.DATA_PROBLEM, *_BETTER):
        return []
    progress = progress_of(judgement)
    if progress is None:
        return [_("The results are undecided so far.")]
    if progress.is_complete:
        return []
    told = _("The planned end isn't reached: %(visitors)s of %(planned)s planned visitors came.")
    return [
        told
        % {"visitors": figures.count(progress.visitors), "planned": figures.count(progress.planned)}
    ]


def _ship(variant: Variant, control: Variant, judgement: Judgement | None) -> Choice:
    kind = judgement.verdict.kind if judgement else None
    is_subject = judgement is not None and judgement.subject == variant
    is_advised = is_subject and kind in _BETTER
    return Choice(
        value=f"{Decision.SHIP}:{variant.id}",
        decision=Decision.SHIP,
        variant=variant,
        label=_("Ship %(variant)s") % {"variant": variant.name},
        effect=_("Everybody sees %(variant)s.") % {"variant": variant.name},
        texts=_texts(variant),
        caution="" if is_advised else _against_shipping(variant, control, judgement),
        is_advised=is_advised,
    )


def _against_shipping(variant: Variant, control: Variant, judgement: Judgement | None) -> str:
    names = {"variant": variant.name, "control": control.name}
    if judgement is None:
        return ""
    verdict, subject = judgement.verdict, judgement.subject
    if verdict.kind is Kind.DATA_PROBLEM:
        return _("The results can't be trusted: visitors didn't arrive as the split asks.")
    if verdict.kind is Kind.HARM and subject == variant:
        return _("The results say that %(variant)s does harm.") % names
    if verdict.kind in _WORSE and subject == variant:
        return _("The results say that %(variant)s is worse than %(control)s.") % names
    if verdict.kind in _BETTER and subject is not None:
        told = _("The results name %(winner)s as better, not %(variant)s.")
        return told % {**names, "winner": subject.name}
    if verdict.reason is Reason.AT_PLANNED_END:
        told = _("At the planned end no difference between %(variant)s and %(control)s was found.")
        return told % names
    return _("The results don't say that %(variant)s is better than %(control)s.") % names


def _keep(control: Variant, judgement: Judgement | None) -> Choice:
    verdict = judgement.verdict if judgement else None
    return Choice(
        value=Decision.KEEP.value,
        decision=Decision.KEEP,
        variant=control,
        label=_("Keep %(control)s") % {"control": control.name},
        effect=_("Everybody sees %(control)s.") % {"control": named_control(control)},
        texts=_texts(control),
        caution=_against_keeping(judgement),
        is_advised=verdict is not None
        and verdict.is_final
        and (verdict.kind in _WORSE or verdict.reason is Reason.AT_PLANNED_END),
    )


def _inconclusive(control: Variant, judgement: Judgement | None) -> Choice:
    return Choice(
        value=Decision.INCONCLUSIVE.value,
        decision=Decision.INCONCLUSIVE,
        variant=control,
        label=_("Leave it open: inconclusive"),
        effect=_("Everybody sees %(control)s. The record says that nothing was decided.")
        % {"control": named_control(control)},
        texts=_texts(control),
        caution=_against_keeping(judgement),
        is_advised=judgement is not None and judgement.verdict.kind is Kind.DATA_PROBLEM,
    )


def named_control(control: Variant) -> str:
    """Return the control's name, with what it is where the name doesn't say so."""
    if control.name.lower() == "control":
        return control.name
    return _("%(control)s, the control") % {"control": control.name}


def _against_keeping(judgement: Judgement | None) -> str:
    if judgement is None or judgement.verdict.kind not in _BETTER or judgement.subject is None:
        return ""
    return _("The results say that %(variant)s is better.") % {"variant": judgement.subject.name}


def _texts(variant: Variant) -> tuple[tuple[str, str], ...]:
    return tuple((str(KEYS[k].label), text) for k, text in variant.content.items() if k in KEYS)

"""Links that show a variant to people who can't sign in."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from dashboard.access import Role, staff_view
from dashboard.forms.previews import PreviewLinkForm
from dashboard.pages import DashboardRequest, render_page
from experiments.models import Variant
from experiments.previews import preview_token

TEMPLATE = "dashboard/preview_link.html"


@staff_view({"GET": Role.VIEWER}, may_be_stored=False)
def variant_preview_link(
    request: DashboardRequest, experiment_id: UUID, variant_id: UUID
) -> HttpResponse:
    """Make a link; nothing is stored, so asking again makes another."""
    variants = Variant.objects.select_related("experiment__page").filter(experiment=experiment_id)
    variant = variants.get(pk=variant_id)
    form = PreviewLinkForm(request.GET)
    token, opens = preview_token(
        variant_id=variant.id, lasts=timedelta(hours=form.hours_or_default())
    )
    link = request.build_absolute_uri(reverse("landing:preview", args=[token]))
    context = {
        "variant": variant,
        "siblings": list(variants.order_by("position")),
        "experiment": variant.experiment,
        "form": form,
        "link": link,
        "until": opens.until,
    }
    return render_page(request, TEMPLATE, context, part="link")

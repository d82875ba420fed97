"""What editors send about other people: invitations and roles."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.forms.fields import DashboardForm
from experiments.roles import StaffRole

UNKNOWN_ROLE = _("Choose viewer or editor.")


class RoleForm(forms.Form):
    """The role that is wanted, said in full so that a repeat changes nothing."""

    role = forms.TypedChoiceField(
        choices=StaffRole.choices,
        coerce=StaffRole,
        error_messages={"required": UNKNOWN_ROLE, "invalid_choice": UNKNOWN_ROLE},
    )


class InvitationForm(DashboardForm):
    role = forms.TypedChoiceField(
        label=_("Role"),
        choices=[
            (StaffRole.VIEWER, _("Viewer: looks at everything and changes nothing")),
            (StaffRole.EDITOR, _("Editor: changes everything, people included")),
        ],
        coerce=StaffRole,
        initial=StaffRole.VIEWER,
        widget=forms.RadioSelect,
        error_messages={"required": UNKNOWN_ROLE, "invalid_choice": UNKNOWN_ROLE},
    )
    email = forms.EmailField(
        label=_("Their e-mail address"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

"""Forms of people and machines: signing in, and API tokens."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext, gettext_lazy

from dashboard.forms.fields import DashboardForm, TextField
from experiments import tokens

NO_MATCH = gettext_lazy("This user name and password don't match an account. Check both.")
TAKEN = gettext_lazy("A token of this name exists; revoke it first or choose another name.")


class SignInForm(AuthenticationForm):
    """Django's own check of name and password, in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.error_messages = {**self.error_messages, "invalid_login": NO_MATCH}
        self.fields["username"].label = gettext("User name")


class TokenForm(DashboardForm):
    name = TextField(
        label=gettext_lazy("Name"),
        max_length=100,
        help_text=gettext_lazy("Who will use it: “Marketing site”, say."),
        error_messages={
            "required": gettext_lazy("Give the token a name, so that you know what uses it.")
        },
    )

    def save(self, user: User) -> str | None:
        """Make a token and return its text, or put what is wrong beside the field."""
        try:
            _token, text = tokens.create_token(name=self.cleaned_data["name"], created_by=user)
        except (ValidationError, IntegrityError):
            self.add_error("name", TAKEN)
            return None
        return text

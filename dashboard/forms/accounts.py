"""What people type about their own account: joining, e-mail address, password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import (
    PasswordChangeForm,
    PasswordResetForm,
    SetPasswordForm,
    UserCreationForm,
)
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext, gettext_lazy

from dashboard import mailing
from dashboard.forms.fields import DashboardForm
from experiments import invitations

NAME_TAKEN = gettext_lazy("Somebody here has this user name already. Choose another one.")
DIFFERENT = gettext_lazy("The two passwords differ. Type the same one twice.")
WRONG_PASSWORD = gettext_lazy("This isn't your password. Type the one that you sign in with.")
NAME_HELP = gettext_lazy("You sign in with it, and others see it beside what you change.")
EMAIL_HELP = gettext_lazy("For a link to choose a new password, in case you forget yours.")
CHOOSE_WELL = gettext_lazy(
    "At least eight characters, not only digits, not close to your user name, and none of the "
    "passwords that everybody tries first."
)


def _in_our_words(form: Any, first: str, second: str) -> None:
    """Put our labels and sentences over those of one of Django's forms for passwords."""
    form.error_messages = {
        **form.error_messages,
        "password_mismatch": DIFFERENT,
        "password_incorrect": WRONG_PASSWORD,
    }
    form.fields[first].help_text = CHOOSE_WELL
    form.fields[second].label = (
        gettext("New password again") if first == "new_password1" else gettext("Password again")
    )
    form.fields[second].help_text = ""


class JoinForm(UserCreationForm):  # type: ignore[type-arg]  # not generic when it runs
    """User name and password of somebody who was invited."""

    class Meta:
        model = User
        fields = ("username", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        _in_our_words(self, "password1", "password2")
        username, email = self.fields["username"], self.fields["email"]
        username.label, username.help_text = gettext("User name"), NAME_HELP
        username.error_messages["unique"] = NAME_TAKEN
        email.label, email.help_text = gettext("E-mail address"), EMAIL_HELP
        # Django would put the cursor here in a form of any kind; this is the page's only one.
        username.widget.attrs["autofocus"] = True

    def join(self, text: str) -> User | None:
        """Make the account, or say beside the name that it was just taken. Raises Refused."""
        data = self.cleaned_data
        try:
            with transaction.atomic():
                return invitations.accept_invitation(
                    text=text,
                    username=data["username"],
                    password=data["password1"],
                    email=data["email"],
                )
        except IntegrityError:
            self.add_error("username", NAME_TAKEN)
            return None


class OwnEmailForm(DashboardForm):
    """One's own address, with the password: whoever has it can choose a new password."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        required=False,
        help_text=EMAIL_HELP,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        self._person = person
        # The other form of the page has such fields too.
        super().__init__(*args, auto_id="id_address_%s", **kwargs)

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self._person.check_password(password):
            raise forms.ValidationError(WRONG_PASSWORD)
        return password

    def save(self) -> None:
        self._person.email = self.cleaned_data["email"]
        self._person.save(update_fields=["email"])


class OwnPasswordForm(PasswordChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        _in_our_words(self, "new_password1", "new_password2")
        self.fields["old_password"].label = gettext("Your password now")
        self.fields["old_password"].widget.attrs.pop("autofocus", None)


class ForgottenForm(PasswordResetForm):
    """The address to which a link is sent, if it is anybody's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields["email"].label = gettext("E-mail address")

    def send_links(self, page: str) -> None:
        people = list(self.get_users(self.cleaned_data["email"]))
        mailing.send_reset_links(people=people, page=page)


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # not generic when it runs
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        _in_our_words(self, "new_password1", "new_password2")

"""The sign-up form's checks; the page renders its field itself."""

from __future__ import annotations

from django import forms

from experiments.content import DEFAULTS

MOST_CHARACTERS = 254
# The content keys that word what is wrong; the page may say it in its own way.
_WORDED = {"required": "sign_up_missing", "invalid": "sign_up_incomplete"}


class SignUpForm(forms.Form):
    email = forms.EmailField(
        max_length=MOST_CHARACTERS,
        error_messages={
            **{code: DEFAULTS[key] for code, key in _WORDED.items()},
            "max_length": "An e-mail address has at most %(limit_value)d characters; "
            "this has %(show_value)d.",
            "null_characters_not_allowed": "This has a character that no e-mail address can have. "
            "Type it again, such as name@company.example.",
        },
    )

    def typed(self) -> str:
        """Return what was typed, to stand in the field again; not all of an endless one."""
        return str(self.data.get("email", "")).replace("\x00", "")[: 2 * MOST_CHARACTERS]

    def field_error(self) -> str:
        """Return the one thing to put right first."""
        return str(self.errors["email"][0])

    def error_key(self) -> str:
        """Return the content key that words it, if one does."""
        return _WORDED.get(str(self.errors.as_data()["email"][0].code), "")

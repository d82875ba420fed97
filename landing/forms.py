"""The sign-up form's checks; the page renders its field itself."""

from __future__ import annotations

from django import forms

MOST_CHARACTERS = 254
_EXAMPLE = "such as name@company.example"


class SignUpForm(forms.Form):
    email = forms.EmailField(
        max_length=MOST_CHARACTERS,
        error_messages={
            "required": f"Enter your e-mail address, {_EXAMPLE}.",
            "invalid": f"This isn’t a complete e-mail address. Write it in full, {_EXAMPLE}.",
            "max_length": "An e-mail address has at most %(limit_value)d characters; "
            "this has %(show_value)d.",
            "null_characters_not_allowed": "This has a character that no e-mail address can have. "
            f"Type it again, {_EXAMPLE}.",
        },
    )

    def typed(self) -> str:
        """Return what was typed, to stand in the field again; not all of an endless one."""
        return str(self.data.get("email", "")).replace("\x00", "")[: 2 * MOST_CHARACTERS]

    def field_error(self) -> str:
        """Return the one thing to put right first."""
        return str(self.errors["email"][0])

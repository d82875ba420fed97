"""Fields that the dashboard's forms share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms


def sent_version(data: Mapping[str, Any]) -> int:
    """Return the version that a form was filled in from; 0, which none has, where it says none."""
    sent = str(data.get("version", ""))
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0


class TextField(forms.CharField):
    """A text of one or more lines. Browsers send CR LF where people saw one line break."""

    def __init__(self, *, rows: int = 0, placeholder: Any = "", **kwargs: Any) -> None:
        widget: forms.Widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
        if placeholder:
            widget.attrs["placeholder"] = placeholder
        super().__init__(widget=widget, **kwargs)

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if text else text


class DashboardForm(forms.Form):
    """A form whose fields tell assistive technology what is wrong with them."""

    required_css_class = "is-required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

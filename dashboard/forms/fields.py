"""Fields that the dashboard's forms share."""

from __future__ import annotations

from typing import Any

from django import forms


class TextField(forms.CharField):
    """A text of one or more lines. Browsers send CR LF where people saw one line break."""

    def __init__(self, *, rows: int = 0, placeholder: str = "", **kwargs: Any) -> None:
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

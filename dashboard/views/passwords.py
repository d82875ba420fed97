"""A forgotten password: a link by e-mail, and the choice of a new one. The steps are Django's."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordResetConfirmView, PasswordResetView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.forms.accounts import ForgottenForm, NewPasswordForm
from dashboard.throttle import TooManyAttempts, check_password_reset, remember_browser
from experiments import actors
from experiments.actors import acting

KNOWN_METHODS = ["GET", "HEAD", "POST"]


@method_decorator(require_http_methods(KNOWN_METHODS), name="dispatch")
class Forgotten(PasswordResetView):
    """Ask for the address; the answer is the same whether it is anybody's or not."""

    template_name = "dashboard/password_forgotten.html"
    form_class = ForgottenForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sends_email=settings.SENDS_EMAIL, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        typed = request.POST.get("email", "")
        try:
            check_password_reset(request, typed)
        except TooManyAttempts as refusal:
            form = ForgottenForm(initial={"email": typed})
            context = self.get_context_data(form=form, wait=refusal.seconds)
            response = self.render_to_response(context, status=429)
            response["Retry-After"] = str(refusal.seconds)
            return response
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        if settings.SENDS_EMAIL:
            page = self.request.build_absolute_uri(reverse("dashboard:password-choose"))
            form.send_links(page)
        return redirect("dashboard:password-sent")

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


@never_cache
@require_safe
def password_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/password_sent.html")


@method_decorator(require_http_methods(KNOWN_METHODS), name="dispatch")
class ChoosePassword(PasswordResetConfirmView):
    """Let whoever has the link choose a password, and sign them in.

    The link's key stands in the query, which our logs don't keep; and from the first request on,
    in the session, so that it doesn't stay in the address either.
    """

    template_name = "dashboard/password_choose.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("dashboard:home")
    post_reset_login = True

    def dispatch(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseBase:
        person, _dot, token = request.GET.get("link", "").partition(".")
        response: HttpResponseBase = super().dispatch(request, uidb64=person, token=token)
        if not self.validlink and response.status_code == 302:
            # Django has put a good token into the session, and would go on at a path of its own.
            return redirect(f"{request.path}?link={person}.{self.reset_url_token}")
        if not self.validlink:
            response.status_code = 410
        return response

    def get_user(self, uidb64: str) -> User | None:
        person = super().get_user(uidb64)
        return person if person is not None and person.is_active else None

    def form_valid(self, form: Any) -> HttpResponse:
        # Whoever has the link is taken for the person, on record too.
        with acting(actors.person(form.user)):
            response = super().form_valid(form)
        messages.success(
            self.request, _("Your new password is saved. You are signed out everywhere else.")
        )
        remember_browser(response, form.user.get_username())
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

"""Signing in and out."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.forms.people import SignInForm
from dashboard.throttle import TooManyAttempts, check_sign_in, remember_browser


@method_decorator(require_http_methods(["GET", "HEAD", "POST"]), name="dispatch")
class SignIn(LoginView):
    """The form, the check of `next`, and the new session key are Django's; the throttle is ours."""

    template_name = "dashboard/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            check_sign_in(request, request.POST.get("username", ""))
        except TooManyAttempts as refusal:
            return self._too_many(refusal.seconds)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: SignInForm) -> HttpResponse:  # type: ignore[override]  # our form's subclass
        response = super().form_valid(form)
        remember_browser(response, form.cleaned_data["username"])
        return response

    def _too_many(self, seconds: int) -> HttpResponse:
        typed = {"username": self.request.POST.get("username", "")}
        form = SignInForm(self.request, initial=typed)
        context = self.get_context_data(form=form, wait=seconds)
        response = self.render_to_response(context, status=429)
        response["Retry-After"] = str(seconds)
        return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    logout(request)
    return redirect("dashboard:sign-in")

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import SlugConverter

from experiments.addresses import reserved_words
from landing import preview_views, views


class PageSlugConverter(SlugConverter):
    """A word that may be a page's address; what leads elsewhere, as /api does, never is."""

    def to_python(self, value: str) -> str:
        if value in reserved_words():
            raise ValueError(value)
        return value


register_converter(PageSlugConverter, "page_slug")

app_name = "landing"
urlpatterns = [
    path("", views.home, name="home"),
    path("sign-up", views.sign_up, name="sign-up"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("robots.txt", views.robots, name="robots"),
    path("preview/<str:token>", preview_views.link, name="preview"),
    # Last: a page's address is any word that nothing above is called by.
    path("<page_slug:slug>/", views.home, name="page"),
    path("<page_slug:slug>", views.without_slash, name="page-without-slash"),
    path("<page_slug:slug>/sign-up", views.sign_up, name="page-sign-up"),
]

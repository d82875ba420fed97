from __future__ import annotations

from django.urls import path

from landing import preview_views, views

app_name = "landing"
urlpatterns = [
    path("", views.home, name="home"),
    path("sign-up", views.sign_up, name="sign-up"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("robots.txt", views.robots, name="robots"),
    path("preview/<str:token>", preview_views.link, name="preview"),
    # Last: a page's address is any word that nothing above is called by.
    path("<slug:slug>/", views.home, name="page"),
    path("<slug:slug>", views.without_slash, name="page-without-slash"),
    path("<slug:slug>/sign-up", views.sign_up, name="page-sign-up"),
]

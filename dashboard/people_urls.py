"""The paths of people and their accounts, some of them for those who aren't signed in."""

from __future__ import annotations

from django.urls import path

from dashboard.views import account, joining, language, passwords, people, staff

urlpatterns = [
    path("sign-in/", people.SignIn.as_view(), name="sign-in"),
    path("sign-out/", people.sign_out, name="sign-out"),
    path("password/", passwords.Forgotten.as_view(), name="password-forgotten"),
    path("password/sent/", passwords.password_sent, name="password-sent"),
    path("password/choose/", passwords.ChoosePassword.as_view(), name="password-choose"),
    path("invitation/", joining.invitation, name="invitation"),
    path("language/", language.language, name="language"),
    path("account/", account.account, name="account"),
    path("account/email/", account.account_email, name="account-email"),
    path("account/password/", account.account_password, name="account-password"),
    path("people/", staff.person_list, name="person-list"),
    path("people/invitations/new/", staff.invitation_create, name="invitation-create"),
    path(
        "people/invitations/<uuid:invitation_id>/withdraw/",
        staff.invitation_withdraw,
        name="invitation-withdraw",
    ),
    path("people/<int:person_id>/role/", staff.person_role, name="person-role"),
    path("people/<int:person_id>/deactivate/", staff.person_deactivate, name="person-deactivate"),
    path("people/<int:person_id>/reactivate/", staff.person_reactivate, name="person-reactivate"),
]

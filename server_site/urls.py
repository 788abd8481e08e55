"""The identity server's addresses.

Only the parts of django-allauth that make sense here are wired: there is no sign-up and no
e-mail management.
"""

from __future__ import annotations

from allauth.account import views as allauth
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.urls import include, path

from site_common.health import healthz

from .people import refusals, views
from .people.server import sso

admin.site.unregister(EmailAddress)  # a person's e-mail address is on the person here
admin.site.unregister(UserSession)  # deleted there, its apps would never hear of it

urlpatterns = [
    path("sso/", include(sso.get_urls())),  # first: three requests of each hand-shake
    path("", views.home, name="home"),
    path("profile/", views.profile, name="profile"),
    path("apps/", views.apps, name="apps"),
    path("sessions/", views.sessions, name="sessions"),
    path("sessions/end/", views.end_sessions, name="end_sessions"),
    path("consumers/", views.consumers, name="consumers"),
    path("accounts/login/", views.LogInView.as_view(), name="account_login"),
    path("accounts/logout/", views.LogOutView.as_view(), name="account_logout"),
    path("accounts/inactive/", refusals.inactive, name="account_inactive"),
    path("accounts/password/change/", allauth.password_change, name="account_change_password"),
    path("accounts/password/reset/", views.ForgottenView.as_view(), name="account_reset_password"),
    path(
        "accounts/password/reset/sent/",
        views.SentView.as_view(),
        name="account_reset_password_done",
    ),
    path("accounts/password/reset/link/", views.reset_link, name="reset_link"),
    path(
        "accounts/password/reset/done/",
        views.ChangedView.as_view(),
        name="account_reset_password_from_key_done",
    ),
    path(
        "accounts/password/reset/<uidb36>/<key>/",
        views.NewPasswordView.as_view(),
        name="account_reset_password_from_key",
    ),
    path("mailbox/", views.mails, name="mailbox"),
    path("accounts/password/set/", refusals.no_password, name="account_set_password"),
    # The admin's own log-in page would know no limit of attempts.
    path("admin/login/", secure_admin_login(admin.site.login)),
    path("admin/", admin.site.urls),
    path("healthz", healthz),
]

handler429 = refusals.too_many_attempts

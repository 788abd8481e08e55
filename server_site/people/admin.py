from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from sso_kit.server import ending
from sso_kit.server.admin import ReasonForm, reason_in, say_what_became_of_it
from sso_kit.server.ending import Act
from sso_kit.server.models import Reason

from .forms import PersonForm
from .models import Attribute, AttributeValue, Person

admin.site.site_header = admin.site.site_title = "Identity server administration"


@admin.register(Attribute)
class AttributeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # at run time it takes none
    """What more is said of people. Who is told it: the consumers' page, under "granted"."""

    list_display = ("label", "name")


class AttributeValueInline(admin.TabularInline):  # type: ignore[type-arg]  # as above
    model = AttributeValue
    extra = 0


@admin.register(Person)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]  # at run time it takes none
    """Django's own, showing the subject id and whose e-mail address is verified."""

    form = PersonForm
    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        ("Identity", {"fields": ("email_verified", "subject", "sign_ins")}),
    )
    readonly_fields = ("subject", "sign_ins", "last_login", "date_joined")
    list_display = ("username", "first_name", "last_name", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff", "groups")
    action_form = ReasonForm
    actions = ("end_everything",)

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        """Of somebody who is there already; a form that says nothing of them changes nothing."""
        says_nothing = (
            request.method == "POST" and "attribute_values-TOTAL_FORMS" not in request.POST
        )
        return [AttributeValueInline] if obj and not says_nothing else []

    @admin.display(description="Where they are signed in")
    def sign_ins(self, person: Person) -> str:
        """To the kit's own page of them."""
        where = reverse("admin:sso_kit_server_signin_changelist")
        return format_html('<a href="{}?user__id__exact={}">Sign-ins</a>', where, person.pk)

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Whoever may delete sign-ins."""
        return bool(request.user.has_perm("sso_kit_server.delete_signin"))

    @admin.action(description="Sign out everywhere", permissions=["end"])
    def end_everything(self, request: HttpRequest, people: QuerySet[Person]) -> None:
        """Every browser and every app of theirs, with a reason."""
        reason = reason_in(self, request)
        if not reason:
            return
        act = Act(Reason.BY_ADMIN, request.user.get_username(), reason)
        for person in people:
            ending.end_person(person, act)
            for browser in UserSession.objects.filter(user=person):
                ending.end_session(browser.session_key, act)
                browser.delete()
        say_what_became_of_it(self, request, act)

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from .forms import PersonForm
from .models import Person

admin.site.site_header = admin.site.site_title = "Identity server administration"


@admin.register(Person)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]  # at run time it takes none
    """Django's own, showing the subject id and whose e-mail address is verified."""

    form = PersonForm
    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        ("Identity", {"fields": ("email_verified", "subject")}),
    )
    readonly_fields = ("subject", "last_login", "date_joined")
    list_display = ("username", "first_name", "last_name", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff", "groups")

"""Does nothing any more; kept because projects have applied it.

It recorded every account with an unusable password as one that stock django-simple-sso had
made, and the first person of that name got it. But such passwords are also those of people
from a directory (LDAP, SAML) and of pending invitations, so in a project that never ran
stock anybody of the right name got their accounts. What may be taken over is an
administrator's decision: ``manage.py sso_adopt``. 0003 deletes what was recorded.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sso_kit_client", "0001_initial")]
    operations = []

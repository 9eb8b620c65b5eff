"""manage.py of a host that is served by daphne."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "served.settings")
execute_from_command_line(sys.argv)

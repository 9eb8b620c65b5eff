"""manage.py of a host that has notifications and nothing else of Carillon's."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "solo.settings")
execute_from_command_line(sys.argv)

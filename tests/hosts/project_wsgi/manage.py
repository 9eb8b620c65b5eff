"""manage.py of a host that serves WSGI."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "counter.settings")
execute_from_command_line(sys.argv)

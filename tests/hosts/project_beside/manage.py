"""manage.py of a host that has apps called `notifications` and `people` itself."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beside.settings")
execute_from_command_line(sys.argv)

"""Runs the drivers: `python -m clients [--check] [--only FOLDER …]`."""

import sys

from clients.run import main

sys.exit(main())

"""Drives `openai` for Python; importing the modules beside this one registers their checks."""

import completions  # noqa: F401
import responses  # noqa: F401
import smaller_endpoints  # noqa: F401
from checks import run

run()

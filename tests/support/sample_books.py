"""Two small books as files: one with a site of its own, one without and hostile."""

from pathlib import Path

PUMPS = "pumps"
PUMPS_URL = "https://pumps.example/docs"
NOTES = "notes"

PUMPS_PAGES = {
    "starting.md": """\
---
title: Starting the pump
---
# Starting the pump

## Pressure switch

The Quillon pump starts by itself when the pressure falls below two bar.

## Manual start

Turn the brass lever to the left to start the Quillon pump by hand.
""",
    "winter.md": """\
---
title: Winter care
---
# Winter care

## Draining

Open valve seven to drain the reservoir before the first frost.
""",
}

HOSTILE_TEXT = """\
Zanzibar gauges are read twice. <script>alert("owned")</script>
<img src=x onerror=alert(1)> [click](javascript:alert(2)) [data](data:text/html,owned)

![beacon](http://evil.example/beacon.png)

```html
<script>alert("quoted")</script>
```
"""
_NOTES = {
    "gauges.md": f"# Zanzibar gauges <script>alert(3)</script>\n\n{HOSTILE_TEXT}",
}


def write_pumps(folder: Path) -> Path:
    """Write the book about pumps; it is published with `PUMPS_URL`."""
    return _write(folder, PUMPS_PAGES)


def write_notes(folder: Path) -> Path:
    """Write the hostile book; it has no site."""
    return _write(folder, _NOTES)


def _write(folder: Path, pages: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder

"""The graph as one page of HTML that asks nobody for anything: data, style and script are in it."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from importlib.resources import files

from remotego.core.terminal import inert
from remotego.modgraph.picture import Picture, data


def render_page(picture: Picture) -> str:
    """Render the whole page: nothing is in it but the picture, so the same picture is the same page."""
    style, script, body = (_part(name) for name in ("page.css", "page.js", "page.html"))
    known = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{known}'; base-uri 'none'"
    name = escape(inert(picture.title))
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="generator" content="remotego mod.graph">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{name}: module graph</title>",
            f"<style>\n{style}</style>",
            "</head>",
            "<body>",
            body.replace("{title}", name),
            f'<script type="application/json" id="data">{_harmless(data(picture))}</script>',
            f"<script>{script}</script>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _harmless(text: str) -> str:
    """JSON in which nothing ends the element it stands in (html.spec.whatwg.org, restrictions for script elements)."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")

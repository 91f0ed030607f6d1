"""Neovim: a Lua snippet for nvim-dap, a marked block for each configuration (nvim-dap, doc/dap.txt)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from remotego.delve.substitution import Rule

FILE = ".nvim-dap.lua"

_BLOCK = """\
-- remotego: begin {name}
-- first, in a shell: {command}
do
  local dap = require("dap")
  dap.adapters.remotego = function(callback, config)
    callback({{ type = "server", host = config.host, port = config.port }})
  end
  dap.configurations.go = vim.tbl_filter(function(one)
    return one.name ~= {quoted}
  end, dap.configurations.go or {{}})
  table.insert(dap.configurations.go, {{
    name = {quoted},
    type = "remotego",
    request = "attach",
    mode = "remote",
    host = "127.0.0.1",
    port = {port},
    stopOnEntry = false,
    substitutePath = {{
{rules}
    }},
  }})
end
-- remotego: end {name}
"""


def block(name: str, port: int, rules: Sequence[Rule], command: str) -> str:
    """Write the Lua that adds one configuration; ``command`` is what has to run beforehand."""
    pairs = (f"      {{ from = {_quoted(rule.local)}, to = {_quoted(rule.binary)} }}," for rule in rules)
    return _BLOCK.format(
        name=_line(name), command=_line(command), quoted=_quoted(name), port=port, rules="\n".join(pairs)
    )


def plan_neovim(text: str | None, name: str, wanted: str) -> str:
    """Give the text with our block of this name in it, in the place of an older one or at the end."""
    before = text or ""
    mark = re.escape(_line(name))
    old = re.compile(rf"^-- remotego: begin {mark}\n.*?^-- remotego: end {mark}\n", re.MULTILINE | re.DOTALL)
    if old.search(before):
        return old.sub(lambda _: wanted, before, count=1)
    gap = "" if not before or before.endswith("\n") else "\n"
    return f"{before}{gap}{wanted}"


def _quoted(text: str) -> str:
    """Write a Lua string: JSON's escapes are Lua's too, when no character is written by its number."""
    plain = json.dumps(text, ensure_ascii=False)
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: f"\\{int(found[1], 16):03d}", plain).replace("\x7f", "\\127")


def _line(text: str) -> str:
    return " ".join(text.split())

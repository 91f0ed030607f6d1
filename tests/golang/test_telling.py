"""Values of go's variables as they are shown."""

import pytest

from remotego.golang.telling import told_line, told_value


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("+GOAUTH=git /x; /bin/sh -c CANARY", "+GOAUTH=git /x;/bin/sh ***"),
        ("-export GOAUTH='/bin/tool CANARY'", "-export GOAUTH='/bin/tool ***'"),
        (" set -gx GOAUTH '/bin/tool CANARY'", " set -gx GOAUTH '/bin/tool ***'"),
        (' "GOAUTH": "netrc; /bin/tool CANARY",', ' "GOAUTH": "netrc;/bin/tool ***",'),
        ("+GOAUTH=/s/agent credential goauth;netrc", "+GOAUTH=/s/agent credential goauth;netrc"),
        ("+GOAUTH=", "+GOAUTH="),
        ("+GOPROXY=me:CANARY@proxy.example|direct", "+GOPROXY=***@proxy.example|direct"),
    ],
)
def test_a_line_of_a_difference_tells_no_secret(line: str, expected: str) -> None:
    """Arguments of commands may be secrets; ours are known to be none."""
    assert expected == told_line(line)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("GOAUTH", "git /x; /bin/sh -c CANARY", "git /x;/bin/sh ***"),
        ("GOAUTH", '"/bin/tool CANARY"', '"/bin/tool ***"'),
        ("GOAUTH", "", ""),
        ("GOPROXY", "me:CANARY@proxy.example", "***@proxy.example"),
        ("GOFLAGS", "-mod=mod", "-mod=mod"),
    ],
)
def test_a_value_tells_no_secret(name: str, value: str, expected: str) -> None:
    """By the variable's name."""
    assert expected == told_value(name, value)

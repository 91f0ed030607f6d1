"""Where whole commands end in start-up files, by the word of a real shell."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remotego.host.block import last_sure_place
from remotego.host.shelltext import read
from tests.host.test_shellenv import DEBIAN, DEBIAN_PROFILE, FEDORA

PIECES = [
    b'[ -z "$PS1" ] && \\\n  :\n',
    b"cat <<EOF\nreturn to\n'\nEOF\n",
    b"cat <<-'E N' >&2\n$(\n\tE N\n",
    b"x=$(cat <<'E'\n)\nE\n)\n",
    b"a=()\nb=(1\n2)\n",
    b"f()\n{\n  echo ')'\n}\n",
    b"function g {\n  :\n}\n",
    b"if [[ -n a\n  && -n b ]]; then :; fi\n",
    b"echo $((1<<2)) ${x#\"}\"} $# '#' a#b # hi 'q\n",
    b"case a in\n  (b|c) ;;\n  a) : ;;\nesac\n",
    b'echo \'a\nb\' "c\n$(echo ")" )\n" `echo x\necho y`\n',
    b"(( 1 + (2 * 3) )) || :\n",
    b"for i in 1 2; do\n  while false; do :; done\ndone\n",
    b": |\n  cat ||\n  :\n",
    b"diff <(echo a) <(echo a)\n: >|/dev/null 2>&1 <<<x\n",
    b"! { :; }\n( cd / )\n",
    b"echo $'it\\'s' ${x:-$(echo })} \\\"\n",
    b"caf\xe9=1; echo done fi esac }\n",
    DEBIAN_PROFILE,
    DEBIAN,
    FEDORA,
]


def complaint(text: bytes) -> str:
    """What bash says of a text that it reads and does not obey."""
    done = subprocess.run(["/usr/bin/bash", "-n"], input=text, capture_output=True, timeout=60)
    return done.stderr.decode("utf-8", "replace")


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=3))
def test_up_to_a_gap_there_are_whole_commands(pieces: list[bytes]) -> None:
    """bash has nothing to say of what stands above a gap, nor of what stands below, and every piece ends with one."""
    text = b"".join(pieces)
    found = read(text)
    ends = {sum(map(len, pieces[:number])) for number in range(len(pieces) + 1)}
    gap = found.gaps[len(found.gaps) // 2]
    assert (True, set(), "", "") == (found.whole, ends - set(found.gaps), complaint(text[:gap]), complaint(text[gap:]))


@given(st.binary(max_size=80))
def test_any_bytes_can_be_read(text: bytes) -> None:
    """Gaps are beginnings of lines, or the end."""
    found = read(text)
    assert True is all(gap in (0, len(text)) or text[gap - 1 : gap] == b"\n" for gap in found.gaps)


@pytest.mark.parametrize(
    "text", [b"if a; then\n", b"fi\n", b"'\n", b"cat <<X\n", b"a &&\n", b"f()\n", b"a)\n", b"}\n", b"$(\n", b"x\\"]
)
def test_what_is_broken_or_open_is_not_whole(text: bytes) -> None:
    """Nothing can be told of what comes behind."""
    assert False is read(text).whole


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b'a\n[ -z "$PS1" ] && \\\n  return\n', 2),
        (b"a\ncat <<EOF\nreturn to\nEOF\n", 26),
        (b"a\necho 'b\nreturn c'\n", 20),
        (b"a\nf()\n{\n  return 1\n}\nb\n", 2),
        (b"a\n[[ $- != *i* ]] && return\nb\n", 2),
        (b"a\nb=(\n  return\n", 2),
    ],
)
def test_a_line_that_goes_on_is_no_place(text: bytes, place: int) -> None:
    """Neither is one in quotes or a here-document, which may well speak of returning."""
    assert place == last_sure_place(text)


def test_the_files_of_this_machine_are_whole() -> None:
    """As distributions bring them."""
    files = [Path("/etc/skel/.bashrc"), Path("/etc/skel/.profile"), Path("/etc/profile"), Path("/etc/bash.bashrc")]
    assert [] == [file for file in files if file.exists() and not read(file.read_bytes()).whole]

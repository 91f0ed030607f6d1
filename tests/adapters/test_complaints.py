"""What to do about go's errors."""

import pytest

from remotego.adapters.complaints import explain


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ("verifying github.com/a/b@v1.0.0: checksum mismatch\n\nSECURITY ERROR", "not the published ones"),
        ("dial tcp: lookup proxy.example on 10.0.0.1:53: no such host", "cannot be reached"),
        ('Get "https://p/": x509: certificate signed by unknown authority', "cannot be reached"),
        ("reading https://p/x/@v/v1.info: 404 Not Found", "does not have it"),
        ("module lookup disabled by GOPROXY=off", "does not have it"),
        ("reading https://p/x/@v/v1.info: 401 Unauthorized", "wants credentials"),
        ("write /tmp/x.a: no space left on device", "make room"),
        ("mkdir /root/go/pkg/mod: read-only file system", "places it can write"),
        ("go.mod requires go >= 1.25.0 (running go 1.22.1; GOTOOLCHAIN=local)", "too old"),
        ("github.com/x: /usr/lib/go/compile: signal: killed", "out of memory"),
        ("something nobody foresaw", "read go's message"),
    ],
)
def test_each_cause_has_its_remedy(message: str, remedy: str) -> None:
    """The words are those go prints."""
    assert remedy in explain(message)[1]


def test_only_the_end_is_shown() -> None:
    """go names the cause last."""
    assert "line 99" == explain("\n".join(f"line {number}" for number in range(100)))[0].splitlines()[-1]


def test_long_output_is_cut() -> None:
    """Twenty lines fit a terminal."""
    assert 20 == len(explain("line\n" * 500)[0].splitlines())


def test_passwords_in_addresses_are_not_shown() -> None:
    """GOPROXY may carry one, and errors end up in tickets."""
    assert "Get https://***@proxy.example.com/x" == explain("Get https://me:secret@proxy.example.com/x")[0]

"""What ``go`` complains about, and what to do then."""

from __future__ import annotations

import re

_TAIL_LINES = 20
_PASSWORD = re.compile(r"(?<=://)[^/@\s]+(?=@)")

_REMEDIES = {
    r"checksum mismatch|SECURITY ERROR": (
        "the downloaded bytes are not the published ones: ask whoever runs your GOPROXY, and if your "
        "module cache is damaged empty it with 'go clean -modcache'; do not switch GOSUMDB off"
    ),
    r"no space left on device|disk quota exceeded": (
        "make room for GOCACHE, GOMODCACHE ('go env GOCACHE GOMODCACHE') and remotego's cache, or move them"
    ),
    r"\b40[137]\b|[Uu]nauthorized|[Ff]orbidden|authentication required|could not read Username": (
        "the module proxy wants credentials: check ~/.netrc or GOAUTH for the host in 'go env GOPROXY'"
    ),
    r"module lookup disabled|\b404\b|\b410\b|[Nn]ot [Ff]ound|unknown revision": (
        "the module proxy does not have it: see 'go env GOPROXY', and add the missing module there"
    ),
    r"dial tcp|no such host|i/o timeout|TLS handshake|x509:|proxyconnect|connection re(?:fused|set)"
    r"|network is unreachable|unexpected EOF|deadline exceeded": (
        "the module proxy cannot be reached: check the network, HTTPS_PROXY and GOPROXY ('go env GOPROXY')"
    ),
    r"requires go >=|toolchain not available|unknown directive: toolchain": (
        "this Go is too old: install a newer one, or run pip install 'remotego[go]'"
    ),
    r"permission denied|read-only file system|GOCACHE is not defined|cache is disabled": (
        "give go places it can write: 'go env GOCACHE GOMODCACHE GOPATH'"
    ),
    r"signal: killed|cannot allocate memory": ("the compiler ran out of memory: free some, or set GOMAXPROCS=1"),
    r"no end within": "see whether the module proxy answers at all ('go env GOPROXY'), then try again",
}
"""By what go prints; the first that matches counts."""

_OTHERWISE = "read go's message above; 'go version' and 'go env' show the toolchain in use"


def explain(output: str) -> tuple[str, str]:
    """Give the end of go's output without passwords, and a remedy for the first cause it names."""
    tail = "\n".join(_PASSWORD.sub("***", output).strip().splitlines()[-_TAIL_LINES:])
    for pattern, remedy in _REMEDIES.items():
        if re.search(pattern, tail):
            return tail, remedy
    return tail, _OTHERWISE

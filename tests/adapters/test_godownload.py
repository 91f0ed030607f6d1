"""go mod download of places that keep it waiting."""

import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from remotego.adapters.godownload import GoDownloadError, go_download
from remotego.adapters.toolchain import bundled_go
from tests.adapters.test_web import Site, status

MODULE = "x.example/m"
STALL_S = 2.0


def test_a_place_that_stops_half_way_is_left(tmp_path: Path) -> None:
    """go itself would wait without end; the error names the place, without its password, and the bound."""
    go, over, site = bundled_go(), threading.Event(), Site()
    assert go is not None

    def hang(handler: BaseHTTPRequestHandler) -> None:
        status(200, b"PK", Content_Length="1000")(handler)
        over.wait(60)

    site.answers |= {
        f"/{MODULE}/@v/v1.0.0.info": status(200, b'{"Version":"v1.0.0"}'),
        f"/{MODULE}/@v/v1.0.0.mod": status(200, b"module x.example/m\n"),
        f"/{MODULE}/@v/v1.0.0.zip": hang,
    }
    settings = {"GOPROXY": f"{site.url}|https://me:s3cret@x.invalid", "GOSUMDB": "off"}
    with site.running():
        try:
            with pytest.raises(GoDownloadError) as caught:
                go_download(go, f"{MODULE}@v1.0.0", settings, tmp_path, ("none", b""), stall_s=STALL_S)
        finally:
            over.set()
    assert f"nothing came for 2 s, and go was ended; it asked {site.url}|https://x.invalid" == caught.value.reason

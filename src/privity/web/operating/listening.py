# SPDX-License-Identifier: Apache-2.0
"""Listen, with an end to what somebody may send: how much, and for how long.

A body is kept on disk until it is whole, and a connection has a place until it ends. So a body is refused as soon as it
says that it is too large, or is; and a request that is not whole in time is not waited for, however steadily it trickles.
"""

from __future__ import annotations

import time
from typing import Any, Final

from django.conf import settings
from waitress.channel import HTTPChannel
from waitress.server import create_server

LARGEST_BODY: Final = 1 << 20
"""Bytes of a body, where the site's `PRIVITY_LARGEST_BODY` says nothing."""
LARGEST_HEAD: Final = 32 << 10
"""Bytes of a request before its body."""
WHOLE_WITHIN: Final = 20.0
"""Seconds that a request may take to arrive."""
IDLE: Final = 30
"""Seconds after which a connection is ended on which nothing happens."""
MOST: Final = 500
"""Connections at once; files and the ledger need places too."""


class Connection(HTTPChannel):  # type: ignore[misc]  # it has no types
    """A connection that waits for a request so long and no longer."""

    begun: float | None = None
    clock = staticmethod(time.monotonic)

    def received(self, data: bytes) -> Any:
        """Take what came, and note when a request begins."""
        if self.begun is None:
            self.begun = self.clock()
        taken = super().received(data)
        if self.request is None:
            self.begun = None
        return taken

    def readable(self) -> Any:
        """Tell whether more is taken; this is asked every second at least."""
        if self.begun is not None and self.requests:
            # Nothing is read while one before it is answered: that time is ours.
            self.begun = self.clock()
        if self.begun is not None and self.clock() - self.begun > WHOLE_WITHIN:
            self.will_close = True
        return super().readable()


def listening(application: Any, **asked: Any) -> Any:
    """Give a server that listens; it runs once it is told to.

    Args:
        application: What answers requests.
        asked: What else waitress is told.

    Raises:
        OSError: Nobody can listen there.
    """
    server = create_server(
        application,
        ident=None,
        max_request_body_size=getattr(settings, "PRIVITY_LARGEST_BODY", LARGEST_BODY),
        max_request_header_size=LARGEST_HEAD,
        channel_timeout=IDLE,
        cleanup_interval=IDLE // 2,
        connection_limit=MOST,
        asyncore_use_poll=True,
        clear_untrusted_proxy_headers=True,
        **asked,
    )
    for one in parts_of(server):
        one.channel_class = Connection
    return server


def parts_of(server: Any) -> list[Any]:
    """Give what listens: a name may have several addresses."""
    parts = getattr(server, "map", None)
    if parts is None:
        return [server]
    return [one for one in parts.values() if hasattr(one, "active_channels")]

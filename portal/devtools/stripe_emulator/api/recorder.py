"""Every API request the emulator received, so that tests can check what was sent."""

import threading
from collections import deque
from dataclasses import asdict, dataclass, field

from portal.devtools.stripe_emulator.store import Doc

_KEPT = 5000


@dataclass
class RecordedRequest:
    """One request: `params` are nested but untyped, as they came over the wire."""

    method: str
    path: str
    params: Doc
    account: str = ""
    idempotency_key: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    request_id: str = ""
    status: int = 0
    is_replay: bool = False

    def as_dict(self) -> Doc:
        """For the switches' HTTP interface."""
        return asdict(self)


class Recorder:
    """The latest requests, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: deque[RecordedRequest] = deque(maxlen=_KEPT)

    def add(self, request: RecordedRequest) -> None:
        """Note a request as it arrives; its status is filled in when it is answered."""
        with self._lock:
            self._requests.append(request)

    def all(self) -> list[RecordedRequest]:
        """All that are kept."""
        with self._lock:
            return list(self._requests)

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._requests.clear()

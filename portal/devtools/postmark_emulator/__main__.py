"""Run the emulator by itself: `python -m portal.devtools.postmark_emulator --port 12113`."""

import argparse
import signal
import threading

from portal.devtools.postmark_emulator.emulator import PostmarkEmulator


def main() -> None:
    """Start, tell the settings to use on standard output, run until interrupted or terminated."""
    parser = argparse.ArgumentParser(prog="postmark_emulator", description="A stand-in for Postmark.")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument(
        "--webhook-url",
        default="",
        help="where what becomes of mails is posted: http://postmark:<secret>@localhost:8000/v1/webhooks/postmark",
    )
    arguments = parser.parse_args()
    emulator = PostmarkEmulator(port=arguments.port, webhook_url=arguments.webhook_url)
    finished = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: finished.set())
    print(f"POSTMARK_API_BASE={emulator.start()}\nPOSTMARK_SERVER_TOKEN={emulator.token}", flush=True)
    finished.wait()
    emulator.stop()


if __name__ == "__main__":
    main()

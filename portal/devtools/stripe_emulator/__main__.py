"""Run the emulator by itself: `python -m portal.devtools.stripe_emulator --port 12111 --state var/stripe`."""

import argparse
import signal
import sys
import threading

from portal.devtools.stripe_emulator.emulator import StripeEmulator


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stripe_emulator", description="A stand-in for Stripe, for development.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument("--state", help="folder to remember everything in; without it nothing is kept")
    parser.add_argument("--public-url", default="", help="address that browsers use, if it is another one")
    parser.add_argument("--webhook-url", help="where the platform's events go")
    parser.add_argument("--webhook-secret", default="", help="secret that signs them")
    parser.add_argument("--connect-webhook-url", help="where the events of connected accounts go")
    parser.add_argument("--connect-webhook-secret", default="", help="secret that signs those")
    parser.add_argument(
        "--delayed-after", type=float, default=20.0, help="seconds until a delayed payment settles; below 0: never"
    )
    return parser.parse_args()


def main() -> None:
    """Start, tell the address on standard output, and run until interrupted or terminated."""
    arguments = _arguments()
    emulator = StripeEmulator(
        arguments.state, host=arguments.host, port=arguments.port, public_url=arguments.public_url
    )
    if arguments.webhook_url:
        emulator.add_endpoint(arguments.webhook_url, arguments.webhook_secret, endpoint_id="we_platform")
    if arguments.connect_webhook_url:
        emulator.add_endpoint(
            arguments.connect_webhook_url,
            arguments.connect_webhook_secret,
            is_connect=True,
            endpoint_id="we_connect",
        )
    emulator.set_delayed_after(arguments.delayed_after if arguments.delayed_after >= 0 else None)
    finished = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: finished.set())
    sys.stdout.write(f"{emulator.start()}\n")
    sys.stdout.flush()
    finished.wait()
    emulator.stop()


if __name__ == "__main__":
    main()

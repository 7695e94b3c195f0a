"""Run the emulator by itself: `python -m portal.devtools.google_emulator --port 12112`. It tells a key to paste."""

import argparse
import signal
import threading

from portal.devtools.google_emulator.emulator import GoogleEmulator


def main() -> None:
    """Start with one calendar and one key, tell both on standard output, run until interrupted or terminated."""
    parser = argparse.ArgumentParser(prog="google_emulator", description="A stand-in for Google Calendar.")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument("--calendar", default="weddings@group.calendar.google.com", help="the calendar's ID")
    arguments = parser.parse_args()
    emulator = GoogleEmulator(port=arguments.port)
    emulator.make_calendar(arguments.calendar)
    finished = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: finished.set())
    print(f"GOOGLE_API_BASE={emulator.start()}\nCalendar ID: {arguments.calendar}\n{emulator.make_key()}", flush=True)
    finished.wait()
    emulator.stop()


if __name__ == "__main__":
    main()

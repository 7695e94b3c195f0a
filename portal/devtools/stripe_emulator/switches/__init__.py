"""The switches: what tests and developers can make the emulator do, in-process or under /_emulator."""

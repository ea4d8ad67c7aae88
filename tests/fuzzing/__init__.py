"""Fuzzing: cases made by mutation, run as command lines in this process, and watched. `python tests/fuzz.py --help`."""

"""The ``insuragent`` command."""

import sys


def main() -> int:
    """Run the command that was typed; returns the exit code."""
    if getattr(sys, "frozen", False):
        # The frozen program is also the process that reads a spreadsheet for it.
        from multiprocessing import freeze_support

        freeze_support()
    from insuragent.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())

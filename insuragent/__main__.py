"""The ``insuragent`` command."""

import sys


def main() -> int:
    """Run the command that was typed; returns the exit code."""
    from insuragent.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())

"""`python -m analysis FILE --target 0.9 --by COLUMN`: judge anybody's ratings or counts against a target."""

import os
import sys

from analysis.command.program import main

if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)

"""`python -m cloudspot.cli`, the same as `cloudspot`."""

import sys

from . import main

if __name__ == "__main__":
    sys.exit(main())

"""`python -m skillweave`: the command line."""

from skillweave.cli import main

main()

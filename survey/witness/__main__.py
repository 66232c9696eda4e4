"""`python -m survey.witness`: the witness without anything else of ours."""

from .command import main

main()

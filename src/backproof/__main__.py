"""`python -m backproof` is the command `backproof`."""

from backproof.referee.command import main

main(prog_name="backproof")

"""`python -m abm.cli` is the command `abm`; MPI and other launchers take modules."""

from abm.cli import main

main()

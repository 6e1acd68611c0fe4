"""`python -m polyclinic`."""

from polyclinic.cli.app import main

main()

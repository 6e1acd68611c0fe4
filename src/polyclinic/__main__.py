"""`python -m polyclinic`."""

from polyclinic.cli.app import main

if __name__ == "__main__":  # processes that read import this again
    main()

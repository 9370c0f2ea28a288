"""`python -m streamctl` is the same as `streamctl`."""

from streamctl.cli.app import main

main()

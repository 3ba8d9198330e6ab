"""``python -m neuroam`` is the command ``neuroam``."""

from neuroam.cli import main

main()

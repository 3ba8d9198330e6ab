"""``python -m neuroam`` is the command ``neuroam``."""

from neuroam.cli import main

if __name__ == "__main__":  # processes of --jobs read this file, too
    main()

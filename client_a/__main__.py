"""``python -m client_a migrate``: Django's command line for Notes."""

from site_common.command_line import main

if __name__ == "__main__":
    main("client_a")

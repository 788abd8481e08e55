"""``python -m client_b migrate``: Django's command line for Helpdesk."""

from site_common.command_line import main

if __name__ == "__main__":
    main("client_b")

"""``python -m server_site migrate``: Django's command line for the identity server."""

from site_common.command_line import main

if __name__ == "__main__":
    main("server_site")

"""``python -m lab_desk migrate``: Django's command line for the desk."""

from site_common.command_line import main

if __name__ == "__main__":
    main("lab_desk")

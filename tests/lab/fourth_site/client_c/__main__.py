from site_common.command_line import main

if __name__ == "__main__":
    main("client_c")

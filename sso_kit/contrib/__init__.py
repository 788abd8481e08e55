"""What a project may ask for, one by one."""

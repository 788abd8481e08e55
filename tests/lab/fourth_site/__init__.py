"""What one more site takes: a row (row.toml) and its own folder (client_c)."""

"""What the report shows, a module per page: its exhibits, with their queries."""

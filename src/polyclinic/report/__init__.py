"""One self-contained HTML file that says what a reader does and how well."""

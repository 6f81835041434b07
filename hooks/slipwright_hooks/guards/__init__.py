"""What fails a commit: leftovers of an update, placeholders, and specs without a requirement."""

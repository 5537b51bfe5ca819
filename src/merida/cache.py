"""Arrays kept in the user's cache."""

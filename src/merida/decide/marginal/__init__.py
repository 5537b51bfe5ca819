"""What a little more money does to a plan: on one row, on each account, on the next million."""

"""What dividing a budget is made of: what may be chosen, demanded and made large, the search, and the robust core."""

"""What plans are worth: dollars for lives under named values, and one table of draws by options."""

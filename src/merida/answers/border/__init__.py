"""Questions about ports of entry, one file each."""

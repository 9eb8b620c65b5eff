"""Ways of speaking commands and events on the wire, one folder each."""

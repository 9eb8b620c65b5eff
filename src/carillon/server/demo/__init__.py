"""The demonstration: people whose password is their name, what they were told, and a page that rings. CARILLON_DEMO only."""

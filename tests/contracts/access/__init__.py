"""Who may do what, as a table; and the people, targets and operations that it speaks of."""

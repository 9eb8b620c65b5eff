"""The hard promises of conversations, held against servers that are killed and against any interleaving."""

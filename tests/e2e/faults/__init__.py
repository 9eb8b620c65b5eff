"""Real servers under faults: seeded plans, real clients and writers, and a judge that reads only files and rows."""

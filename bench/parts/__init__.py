"""What is measured on sockets; each part returns Rows, and says while it runs what it does."""

"""The ready-made server: a Django project that starts with nothing configured and grows by environment variables."""

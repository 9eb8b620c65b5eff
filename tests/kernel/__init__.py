"""The kernel without database, network or waiting: virtual time, a fake log, a broker moved by hand."""

"""What every implementation of a plug point must do: both databases, every broker."""

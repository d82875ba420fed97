"""What staff type, checked and handed to the services."""

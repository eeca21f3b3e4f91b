"""Keys for programs: made and revoked by their owner, checked at every request of the API."""

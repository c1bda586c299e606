"""The night for people: which objects are worth a look, what the run came to, and the page that tells it."""

"""The desk: the pages people look at, in a process of their own beside the endpoint's."""

"""Is the YAML right?  Text becomes frozen values, or a list of problems with their places."""

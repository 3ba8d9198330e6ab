"""What does each command say?  Text and pictures for people; the command line prints them."""

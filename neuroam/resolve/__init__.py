"""What are the numbers?  Spec + seeds -> `Circuit` + `Trials`: draws all structure, learns all closed-form weights."""

from neuroam.resolve.main import Begun, begin, finish, resolve

__all__ = ["Begun", "begin", "finish", "resolve"]

"""What are the numbers?  Spec + seeds -> `Circuit` + `Trials`: draws all structure, learns all closed-form weights."""

from neuroam.resolve.main import resolve

__all__ = ["resolve"]

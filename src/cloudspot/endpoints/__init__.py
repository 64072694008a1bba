"""What can be asked of the servers."""

from .artikels import Artikels
from .categorieen import Categorieen
from .klanten import Klanten

__all__ = ["Artikels", "Categorieen", "Klanten"]

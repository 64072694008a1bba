"""The state of a sandbox: companies, tokens, categories, and every record as ready-made JSON, in SQL."""

from .database import UnusableDatabase
from .listing import CollectionState, Listing
from .store import Access, CategorieRow, NoSuchRecord, RecordExists, Store

__all__ = [
    "Access",
    "CategorieRow",
    "CollectionState",
    "Listing",
    "NoSuchRecord",
    "RecordExists",
    "Store",
    "UnusableDatabase",
]

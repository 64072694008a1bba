"""The state of a sandbox in SQL: companies, tokens, accounts, categories, and every record as ready-made JSON."""

from .accounts import AccountStore, Granted
from .database import UnusableDatabase
from .listing import CollectionState, Listing
from .refusals import NoSuchRecord, RecordExists
from .store import Access, CategorieRow, CompanyRow, Store
from .user_tokens import Holder, IssuedToken, Meant, UserTokenStore

__all__ = [
    "Access",
    "AccountStore",
    "CategorieRow",
    "CollectionState",
    "CompanyRow",
    "Granted",
    "Holder",
    "IssuedToken",
    "Listing",
    "Meant",
    "NoSuchRecord",
    "RecordExists",
    "Store",
    "UnusableDatabase",
    "UserTokenStore",
]

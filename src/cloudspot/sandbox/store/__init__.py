"""The state of a sandbox in SQL: companies, tokens, accounts, categories, and every record as ready-made JSON."""

from .accounts import AccountStore, Granted
from .database import UnusableDatabase, is_in_memory
from .images import CAN_COPY
from .listing import CollectionState, Listing
from .refusals import NoSuchRecord, RecordExists
from .store import Access, CategorieRow, CompanyRow, Store
from .user_tokens import Holder, IssuedToken, Meant, UserTokenStore

__all__ = [
    "CAN_COPY",
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
    "is_in_memory",
]

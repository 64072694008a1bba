"""The state of a sandbox in SQL: companies, tokens, accounts, categories, and every record as ready-made JSON."""

from .accounts import AccountStore, Granted
from .categorieen import CategorieRow
from .database import UnusableDatabase, is_in_memory
from .erp_tokens import ErpToken
from .images import CAN_COPY
from .listing import CollectionState, Listing
from .records import Written
from .refusals import NoSuchRecord, RecordExists
from .snapshots import KeptSnapshot
from .store import Access, Store
from .user_tokens import Holder, IssuedToken, Meant, UserTokenStore

__all__ = [
    "CAN_COPY",
    "Access",
    "AccountStore",
    "CategorieRow",
    "CollectionState",
    "ErpToken",
    "Granted",
    "Holder",
    "IssuedToken",
    "KeptSnapshot",
    "Listing",
    "Meant",
    "NoSuchRecord",
    "RecordExists",
    "Store",
    "UnusableDatabase",
    "UserTokenStore",
    "Written",
    "is_in_memory",
]

"""Cloudspot's users in an application of Starlette or FastAPI: sign in, choice of company, permissions, webhook.

    login = CloudspotLogin("my-app", secret_keys=[os.environ["SECRET_KEY"]])
    app = FastAPI()
    login.install(app)

    @app.get("/prices")
    async def prices(user: Annotated[User, Depends(require("view_artikels"))]): ...

Needs the extra `asgi`. Everything is awaited: nothing here runs in another thread.
"""

from ..weblogin.attempts import Limit, Limits
from ..weblogin.revalidation import Rules
from .login import CloudspotLogin
from .middleware import CloudspotMiddleware
from .require import Refused, permission_required, require
from .stores import Kept, MemoryStore, Store
from .user import Acting, User, Visitor

__all__ = [
    "Acting",
    "CloudspotLogin",
    "CloudspotMiddleware",
    "Kept",
    "Limit",
    "Limits",
    "MemoryStore",
    "Refused",
    "Rules",
    "Store",
    "User",
    "Visitor",
    "permission_required",
    "require",
]

"""The last requests and answers of a sandbox, without the secrets in them."""

from .curl import curl_command
from .exchange import Exchange, Outcome
from .har import har_document
from .log import KEPT, RequestLog

__all__ = ["KEPT", "Exchange", "Outcome", "RequestLog", "curl_command", "har_document"]

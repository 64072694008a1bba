"""Events of the License server: what an application is told when something about its users changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloudspot.records import Record
from cloudspot.records.auth import AvailableCompany, EmailUpdated, PermissionsUpdated, PinUpdated, UserCreated

from .accounts import SANDBOX_APP, User, effective
from .deliveries import Deliveries, Delivery
from .store import NoSuchRecord, Store

DUMMY_PASSWORD = "sandbox-dummy"  # noqa: S105 - nobody's password
SHOWN_OF_TOKEN = "***"  # noqa: S105 - stands for one


class Events:
    """The events of one sandbox: those that changes send of themselves, and those that are sent by hand."""

    def __init__(self, store: Store, deliveries: Deliveries) -> None:
        self._store, self._deliveries = store, deliveries

    def send(self, event: str, data: Mapping[str, Any] | Record, application: str = SANDBOX_APP.id) -> Delivery:
        """Send an event by hand. It may be one that the real server would never send.

        Raises:
            NoSuchRecord: there is no such application.
            ValueError: it has no webhook.
        """
        found = self._store.accounts.application(application)
        if found is None:
            raise NoSuchRecord(f"there is no application {application!r}")
        if found.webhook_url is None:
            raise ValueError(f"application {application!r} has no webhook_url")
        return self._deliveries.add(found.id, found.webhook_url, event, _plain(data))

    def list(self) -> list[Delivery]:
        """The deliveries that wait and the last 1,000 that are done, the oldest first."""
        return self._deliveries.list()

    def get(self, id: int) -> Delivery:
        """One delivery, as it is now.

        Raises:
            LookupError: there is none with this id.
        """
        return self._deliveries.get(id)

    def replay(self, id: int) -> Delivery:
        """Send an event once more, with the same `webhook-id`, whatever became of it.

        Raises:
            LookupError: there is none with this id.
        """
        return self._deliveries.replay(id)

    def clear(self) -> None:
        """Forget all deliveries, those that wait too."""
        self._deliveries.clear()

    def wait(self, timeout: float = 10) -> None:
        """Return when every event has been delivered, refused or given up.

        Raises:
            TimeoutError: some still wait.
        """
        self._deliveries.wait(timeout)

    @property
    def retry_delays(self) -> tuple[float, ...]:
        """Seconds before each further attempt; empty for a single one."""
        return self._deliveries.retry_delays

    @retry_delays.setter
    def retry_delays(self, seconds: tuple[float, ...]) -> None:
        self._deliveries.retry_delays = tuple(seconds)

    @property
    def timeout(self) -> float:
        """Seconds in which a webhook must have answered."""
        return self._deliveries.timeout

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        self._deliveries.timeout = seconds

    def permissions_changed(self, user: str, company: str, application: str) -> None:
        """Tell the application what a user may do now."""
        granted = self._store.accounts.granted(user=user, application=application)
        now = {row.company_id: (row.company_name, slugs) for row in granted if (slugs := effective(row.permissions))}
        data = PermissionsUpdated(
            username=user,
            company_id=company,
            permissions=tuple(now[company][1]) if company in now else (),
            available_companies=tuple(
                AvailableCompany(company_id=each, company_name=naam) for each, (naam, _) in now.items()
            ),
        )
        self._tell("permissions.updated", data, application)

    def user_changed(self, before: User, after: User) -> None:
        """Tell every application of another e-mail address or PIN."""
        if after.email != before.email:
            data = EmailUpdated(current_email=before.email, change_to_email=after.email)
            self._tell("user.email.updated", data)
        if after.pin != before.pin:
            self._tell("user.pin.updated", PinUpdated(user_username=after.email, pin=after.pin or ""))

    def user_created(self, user: User) -> None:
        """Tell every application of a new user."""
        data = UserCreated(
            user_email=user.email,
            user_first_name=user.first_name,
            user_last_name=user.last_name,
            user_pin=user.pin or "",
            user_pwd=DUMMY_PASSWORD,
            license_token="",
        )
        self._tell("user.created", data)

    def _tell(self, event: str, data: Record, only: str | None = None) -> None:
        """Send an event of itself: to all applications that want it, or to one."""
        for application in self._store.accounts.applications():
            is_meant = only is None or application.id == only
            if is_meant and application.automatic_events and application.webhook_url is not None:
                self._deliveries.add(application.id, application.webhook_url, event, _plain(data))


def shown(delivery: Delivery) -> Delivery:
    """A delivery as the control API shows it: without a user's token."""
    data = delivery.data
    if isinstance(data, dict) and data.get("license_token"):
        delivery.data = {**data, "license_token": SHOWN_OF_TOKEN}
    return delivery


def _plain(data: Mapping[str, Any] | Record) -> dict[str, Any]:
    return data.to_dict() if isinstance(data, Record) else dict(data)

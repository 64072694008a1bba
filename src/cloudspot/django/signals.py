"""What others may listen to."""

from django.dispatch import Signal

companies_seen = Signal()
"""Sent with `companies`, names by id, whenever the License server has said which companies a user may work in."""

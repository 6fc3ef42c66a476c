"""Whom a voucher's limit per customer counts: one person, with an account or without."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from orders.services import GUEST
from shop.customers.identity import reference
from shop.customers.profiles import addresses_of, owners


@dataclass(frozen=True)
class Buyer:
    """An account by its reference, or a guest, and the mail address of the order; empty where it is not known yet."""

    reference: str
    mail: str

    @property
    def name(self) -> str:
        """What a use is written under: the account's reference, or a guest's address in small letters."""
        return self.email if self.reference == GUEST else self.reference

    @property
    def email(self) -> str:
        """In small letters."""
        return self.mail.strip().lower()

    @cached_property
    def own_uses(self) -> Q:
        """His by account or by address: those he wrote, those his account has proved, those of the account whose
        address he writes as a guest."""
        accounts = {reference(user) for user in owners(self.email)} if self.email else set()
        mails = {self.email} if self.email else set()
        if self.reference != GUEST:
            accounts, mails = {self.reference}, mails | addresses_of(self.reference)
        return Q(customer__in=accounts) | Q(email__in=mails)

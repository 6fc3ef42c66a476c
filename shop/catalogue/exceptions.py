"""What the catalogue refuses."""


class OutOfStock(Exception):
    """Fewer are left than were asked for; nothing was reserved. `shortages` maps each such sku to what is available."""

    def __init__(self, shortages: dict[str, int]) -> None:
        super().__init__(f"out of stock: {', '.join(shortages)}")
        self.shortages = shortages

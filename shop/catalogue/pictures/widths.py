"""The widths in which a picture is kept, in pixels."""

WIDTHS = (160, 320, 640, 1280)
LARGEST = WIDTHS[-1]


def widths_up_to(largest: int) -> list[int]:
    """Of the files of a picture whose largest is so wide, smallest first."""
    return [*(width for width in WIDTHS if width < largest), largest]

"""Hostile records: some hundred kinds of pages, texts and responses of 4 MB, and what each costs the kernel it is for.

A new kind is a function of a size and a random generator, under the decorator of its kernel:

    @page
    def nested_divisions(size: int, random: Random) -> str:
        return repeated("<div>", size)
"""

"""The audit of a split as a section of the report."""

from __future__ import annotations

from polyclinic.data.audit import Audit
from polyclinic.report.contents import Cell, Message, Split, Table

_MOST_PAIRS = 10


def split_section(audit: Audit) -> Split:
    """Parts with their patients, images and instances by class; leaks as warnings."""
    parts = tuple(audit.images)
    classes = tuple(dict.fromkeys(name for part in parts for name in audit.class_counts[part]))
    strata = tuple(dict.fromkeys(name for part in parts for name in audit.strata.get(part, {})))
    rows: list[tuple[Cell, ...]] = [
        ("patients", *(audit.patients[part] for part in parts)),
        ("images", *(audit.images[part] for part in parts)),
    ]
    if len(strata) > 1:
        for name in strata:
            counts = (audit.strata.get(part, {}).get(name, 0) for part in parts)
            rows.append((f"patients: {name}", *counts))
    for name in classes:
        counts = (audit.class_counts[part].get(name, 0) for part in parts)
        rows.append((f"instances: {name}", *counts))
    table = Table(title="", columns=("", *parts), rows=tuple(rows))
    return Split(table=table, messages=_messages(audit))


def _messages(audit: Audit) -> tuple[Message, ...]:
    messages = []
    if audit.message:
        messages.append(Message(audit.message, "warning"))
    if audit.shared_patients:
        names = ", ".join(audit.shared_patients)
        messages.append(Message(f"In more than one part: patient {names}.", "warning"))
    else:
        messages.append(Message("No patient is in more than one part."))
    pairs = audit.near_duplicates
    for pair in pairs[:_MOST_PAIRS]:
        messages.append(
            Message(
                f"Image {pair.first} ({pair.first_part}) looks like image {pair.second} "
                f"({pair.second_part}): their hashes differ in {pair.differing_bits} bits.",
                "warning",
            )
        )
    if len(pairs) > _MOST_PAIRS:
        messages.append(Message(f"{len(pairs) - _MOST_PAIRS} more such pairs.", "warning"))
    compared = f"{audit.hashed} of {sum(audit.images.values())} images were compared"
    ending = "." if pairs else "; no near-duplicates across parts."
    messages.append(Message(compared + ending))
    return tuple(messages)

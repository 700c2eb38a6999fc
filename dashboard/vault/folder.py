"""Files that the owner put where the program may read them: for tables too large for a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from dashboard.errors import BadInputError
from dashboard.receipts import Upload
from dashboard.vault.intake import promised

MAX_BYTES: Final = 64 << 30
"""The largest total size of files from the folder, also unpacked: a bound for gzip bombs."""


def files_in(folder: Path | None) -> tuple[str, ...]:
    """The names of the files that may be read, in order.

    Only plain files that lie in the folder itself, by endings that can be read: no link,
    so that nothing elsewhere can be reached through the folder, and nothing hidden.
    """
    if folder is None or not folder.is_dir():
        return ()
    return tuple(sorted(each.name for each in folder.iterdir() if _may_be_read(each)))


def _may_be_read(path: Path) -> bool:
    plain = path.is_file() and not path.is_symlink()
    return plain and promised(path.name) is not None and not path.name.startswith(".")


def taken(folder: Path | None, names: tuple[str, ...]) -> tuple[Upload, ...]:
    """The files of these names, ready to be received.

    Raises:
        BadInputError: one of the names is none of :func:`files_in`, so no path leads out.
    """
    known = files_in(folder)
    if folder is None or not names or not set(names) <= set(known):
        raise BadInputError("There is no such file in the folder. Choose one that is listed.")
    return tuple(Upload(name, folder / name) for name in names)


def are_in(folder: Path | None, uploads: tuple[Upload, ...]) -> bool:
    """Whether all files come from the folder, whichever way their paths are written."""
    if folder is None:
        return False
    known = {(folder / name).resolve() for name in files_in(folder)}
    return all(
        isinstance(each.content, Path)
        and not each.content.is_symlink()
        and each.content.resolve() in known
        for each in uploads
    )

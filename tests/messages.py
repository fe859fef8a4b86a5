"""Keeps the message catalogues: extracts, merges, compiles, and says what is missing.

python -m tests.messages            write sentinel/locale/**/sentinel.{po,mo}
python -m tests.messages --check    exit 1 where a text is missing, fuzzy, stale or broken
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from sentinel.language import DOMAIN, LANGUAGES, SOURCE

if TYPE_CHECKING:
    from babel.messages.catalog import Message

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "sentinel"
HEADER = """# Sentinel: {language}
# Collected and compiled by `poe messages`; the texts are written by people."""
AUTHORS = "the Sentinel authors"
KEYWORDS = {"_": None, "n_": (1, 2), "later": None}
PLACEHOLDER = re.compile(r"%\([^)]*\)[a-z]|\{[^{}]*\}")


def po_file(language: str) -> Path:
    """Give the catalogue that translators edit."""
    return PACKAGE / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def extract() -> Catalog:
    """Give every text that the code marks for translation, with the files that show it."""
    texts = Catalog(project="Sentinel", charset="utf-8")
    found = extract_from_dir(
        str(PACKAGE),
        method_map=[("**.py", "python")],
        keywords=KEYWORDS,
        comment_tags=["Translators:"],
        strip_comment_tags=True,
    )
    for file, line, text, comments, _context in sorted(found, key=lambda row: (row[0], row[1])):
        texts.add(text, locations=[(f"sentinel/{file}", line)], auto_comments=comments)
    return texts


def read(language: str) -> Catalog:
    """Read a catalogue, or give an empty one."""
    path = po_file(language)
    if not path.exists():
        return Catalog(
            locale=language,
            charset="utf-8",
            project="Sentinel",
            version="1",
            msgid_bugs_address="its issue tracker",
            last_translator=AUTHORS,
            language_team=AUTHORS,
        )
    with path.open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalogue: Catalog) -> bytes:
    """Give the bytes of the .mo file."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def merge(language: str, texts: Catalog) -> Catalog:
    """Give a language's catalogue with the texts of today: none guessed from similar ones, none obsolete."""
    catalogue = read(language)
    catalogue.update(texts, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    catalogue.header_comment = HEADER.format(language=LANGUAGES[language])
    catalogue.fuzzy = False
    return catalogue


def write(language: str) -> None:
    """Merge and compile one language."""
    catalogue = merge(language, extract())
    path = po_file(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        # Files without lines: the catalogue changes where texts change, not where code moves.
        write_po(file, catalogue, width=120, sort_by_file=True, include_lineno=False)
    path.with_suffix(".mo").write_bytes(compiled(read(language)))


def faults(language: str) -> list[str]:
    """Say what is wrong with a catalogue, one line each; nothing where it is whole."""
    catalogue, texts = read(language), extract()
    wrong = [fault for text in texts if text.id for fault in faults_of(text, catalogue)]
    wrong += [f"no longer used: {message.id!r}" for message in catalogue if message.id and message.id not in texts]
    mo = po_file(language).with_suffix(".mo")
    if not mo.exists() or mo.read_bytes() != compiled(catalogue):
        wrong.append(f"stale: {mo.relative_to(ROOT)}")
    return wrong


def faults_of(text: Message, catalogue: Catalog) -> list[str]:
    """Say what is wrong with the translation of one text."""
    message = catalogue.get(text.id)
    if message is None or not all(_strings(message.string)):
        return [f"missing: {text.id!r}"]
    if message.fuzzy:
        return [f"fuzzy: {text.id!r}"]
    wanted = set(PLACEHOLDER.findall(_strings(text.id)[-1]))
    return [
        f"placeholders differ: {text.id!r} -> {string!r}"
        for string in _strings(message.string)
        if set(PLACEHOLDER.findall(string)) != wanted
    ]


def _strings(text: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [text or ""] if isinstance(text, str) or text is None else list(text) or [""]


def main(arguments: list[str]) -> int:
    """Write every catalogue, or with --check say what is wrong with them."""
    languages = [language for language in LANGUAGES if language != SOURCE]
    if "--check" not in arguments:
        for language in languages:
            write(language)
    wrong = [f"{po_file(language).relative_to(ROOT)}: {fault}" for language in languages for fault in faults(language)]
    sys.stdout.writelines(f"{line}\n" for line in wrong)
    if wrong and "--check" in arguments:
        sys.stdout.write("run `poe messages`, then fill in what is missing\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

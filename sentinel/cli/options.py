"""Options that several commands share, each said once.

Those of a question to the store stand in `asked`. All texts are translated when the help is made (see
`errors.translate_help`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sentinel.language import later

Logs = Annotated[
    list[str], typer.Argument(metavar="PATH", help=later("Files and folders to read; - is standard input."))
]
RuleFiles = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH", help=later("Folders, files, zip archives; else yours and the shipped ones.")),
]

Rules = Annotated[
    list[Path] | None,
    typer.Option(
        "--rules",
        metavar="PATH",
        help=later("Rules to run instead of yours and the shipped ones: folder, file or zip archive; repeatable."),
    ),
]
Shipped = Annotated[bool, typer.Option("--shipped", help=later("Behind --rules, run the shipped rules too."))]
Level = Annotated[
    str | None, typer.Option("--level", metavar="LEVEL", help=later("Only rules of this level or above."))
]
Status = Annotated[
    list[str] | None, typer.Option("--status", metavar="STATUS", help=later("Only rules of this status; repeatable."))
]
Tag = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="TAG", help=later("Only rules with this tag or one below it; repeatable.")),
]
Rule = Annotated[
    list[str] | None,
    typer.Option("--rule", metavar="TEXT", help=later("Only rules with this id or text in the title; repeatable.")),
]
FailOn = Annotated[
    str | None,
    typer.Option("--fail-on", metavar="LEVEL", help=later("Exit 1 where a rule of this level or above hits.")),
]

By = Annotated[str, typer.Option("--by", metavar="WHAT", help=later("Group hits by rule, host or technique."))]
Timeline = Annotated[bool, typer.Option("--timeline", help=later("Show a line a hit, in order of time."))]
HitsAsNdjson = Annotated[
    bool, typer.Option("--ndjson", help=later("Write a JSON object a hit and line, as they are found."))
]
HitsAsCsv = Annotated[bool, typer.Option("--csv", help=later("Write CSV, a line a hit."))]
Markdown = Annotated[bool, typer.Option("--markdown", help=later("Write a report in Markdown, for a ticket."))]
Html = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help=later("Write a report as one page of HTML too, beside what is shown.")),
]
Output = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help=later("Write to a file instead of standard output."))
]

LogFormat = Annotated[
    list[str] | None,
    typer.Option(
        "--log-format",
        metavar="NAME=FORMAT",
        help=later("Read web logs written by this log_format of nginx or LogFormat of Apache; repeatable."),
    ),
]
Faults = Annotated[
    Path | None,
    typer.Option(
        "--faults", metavar="FILE", help=later("Write everything that could not be read to a file, as NDJSON.")
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help=later("Write JSON."))]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help=later("Show neither summary nor progress."))]

"""Access logs of balancers in the cloud: Envoy's default format, and those of AWS' application load balancers.

Envoy: https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage, "Default Format
String"; its fields have the names of the command operators in lower case, as Envoy's own JSON examples do. AWS:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sentinel.formats import lines
from sentinel.formats.access_log import QUOTED
from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.request_line import parts_of_request
from sentinel.language import later
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from sentinel.formats.gather import Gatherer
    from sentinel.formats.lines import Parse

ENVOY, ALB = EventKind("envoy.access"), EventKind("aws.alb")
_ENVOY = re.compile(
    r"\[(?P<start_time>\d{4}-\d\d-\d\dT[\d:.]{8,18}Z)\] "
    rf'"(?P<request>{QUOTED})" (?P<response_code>\d{{1,3}}) (?P<response_flags>[A-Z,-]{{1,64}}+) '
    r"(?:(?P<details>[^\" ]*+ [^\" ]*+ \"[^\"]*+\") )?"
    r"(?P<bytes_received>\d++) (?P<bytes_sent>\d++) (?P<duration>\d++) (?P<upstream_service_time>[\d-]++) "
    rf'"(?P<x_forwarded_for>{QUOTED})" "(?P<user_agent>{QUOTED})" "(?P<request_id>{QUOTED})" '
    rf'"(?P<authority>{QUOTED})" "(?P<upstream_host>{QUOTED})"(?: (?P<rest>.++))?'
)
_ALB = re.compile(
    r"(?P<type>https?|h2|grpcs|wss?) (?P<time>\d{4}-\d\d-\d\dT[\d:.]{8,18}Z) (?P<elb>[^ ]++) (?P<client>[^ ]++) "
    r"(?P<target>[^ ]++) (?P<request_processing_time>[\d.-]++) (?P<target_processing_time>[\d.-]++) "
    r"(?P<response_processing_time>[\d.-]++) (?P<elb_status_code>\d{3}|-) (?P<target_status_code>\d{3}|-) "
    rf'(?P<received_bytes>\d++) (?P<sent_bytes>\d++) "(?P<request>{QUOTED})" "(?P<user_agent>{QUOTED})" '
    rf'(?P<ssl_cipher>[^ ]++) (?P<ssl_protocol>[^ ]++)(?: (?P<target_group_arn>[^ ]++) "(?P<trace_id>{QUOTED})" '
    rf'"(?P<domain_name>{QUOTED})")?(?: (?P<rest>.++))?'
)
_MAYBE = ("details", "rest", "target_group_arn", "trace_id", "domain_name")


def parse_envoy(line: str) -> dict[str, Any] | None:
    """Read a line of Envoy's; None where it is none."""
    return _event(_ENVOY.fullmatch(line))


def parse_alb(line: str) -> dict[str, Any] | None:
    """Read a line of an application load balancer's; None where it is none."""
    return _event(_ALB.fullmatch(line))


def _event(found: re.Match[str] | None) -> dict[str, Any] | None:
    if found is None:
        return None
    event = found.groupdict()
    for name in _MAYBE:
        if name in event and event[name] is None:
            del event[name]
    return event | parts_of_request(event["request"])


@dataclass(frozen=True, slots=True)
class Balancer:
    """The log of a balancer: its kind of events, and what reads a line."""

    kind: EventKind
    parse: Parse

    def recognise(self, head: bytes) -> bool:
        """Tell whether most of the first lines are of this format."""
        return lines.most_parse(head, self.parse)

    def read(self, block: Block, gatherer: Gatherer) -> None:
        """Gather every line of a block."""
        lines.read_lines(block, gatherer, self.kind, self.parse)


_ENVOYS, _ALBS = Balancer(ENVOY, parse_envoy), Balancer(ALB, parse_alb)
ENVOY_FORMAT = Format("envoy", later("Envoy access log"), _ENVOYS.recognise, lines.cut, _ENVOYS.read, Splits.AT_LINES)
ALB_FORMAT = Format(
    "aws_alb", later("AWS load balancer access log"), _ALBS.recognise, lines.cut, _ALBS.read, Splits.AT_LINES
)

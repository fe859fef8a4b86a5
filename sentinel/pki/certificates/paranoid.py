"""The same bytes before pkilint, whose authors know nothing of ours: slow, thorough, and asked for with --paranoid.

It judges by RFC 5280 and its kin, not by rules of the web's authorities. It is installed with the extra `paranoid`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.certificates import algorithms
from sentinel.pki.certificates.lints.base import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.pki.model import Algorithm

_NO_SIGNATURE: Final = b"\x00"


def judge(tbs: bytes, algorithm: Algorithm) -> list[Fault]:
    """Give what pkilint warns of, or worse, in a TBSCertificate (DER) that is to be signed with an algorithm.

    Raises InputError where it is not installed.
    """
    from pyasn1.error import PyAsn1Error  # type: ignore[import-untyped]

    container, load = _container()
    content = algorithms.assemble(tbs, algorithm, _NO_SIGNATURE)
    try:
        return [*_faults(container.validate(load(content, "certificate").root))]
    except (PyAsn1Error, ValueError) as error:
        return [Fault("pkilint", "X.690", _("it cannot be read: {reason}").format(reason=error))]


def check_installed() -> None:
    """Raise InputError where pkilint is not installed."""
    _container()


def _faults(results: Any) -> Iterator[Fault]:  # noqa: ANN401 - of a library without types, as below
    from pkilint.validation import ValidationFindingSeverity  # type: ignore[import-untyped]

    for result in results:
        for each in result.finding_descriptions:
            if each.finding.severity <= ValidationFindingSeverity.WARNING:  # the gravest is the least
                place = getattr(result.node, "path", "")
                message = each.message or each.finding.code
                yield Fault(each.finding.code, "pkilint", f"{message} [{place}]" if place else message)


@cache
def _container() -> tuple[Any, Any]:
    """Give what judges a certificate, and what loads one for it."""
    try:
        from pkilint import loader  # type: ignore[import-untyped]
        from pkilint.pkix import certificate, extension, name  # type: ignore[import-untyped]
    except ImportError:
        hint = "pip install 'plan02-sentinel[paranoid]'"
        raise InputError(_("pkilint is not installed"), place="--paranoid", hint=hint) from None
    decoding = certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS)
    judging = certificate.create_pkix_certificate_validator_container(
        decoding,
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )
    return judging, loader.load_certificate

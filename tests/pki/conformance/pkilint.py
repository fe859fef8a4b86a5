"""What pkilint, a linter of standards, says of certificates, lists and answers."""

from __future__ import annotations

from functools import cache
from typing import Any

from pkilint import loader, pkix, report  # type: ignore[import-untyped]  # ships no types (0.13)
from pkilint.bin import lint_pkix_signer_signee_cert_chain as chains  # type: ignore[import-untyped]
from pkilint.pkix import certificate, crl, extension, name, ocsp  # type: ignore[import-untyped]
from pkilint.validation import ValidationFindingSeverity  # type: ignore[import-untyped]


def of_certificate(content: bytes) -> list[str]:
    """Give what it finds in a certificate (DER), from notices on."""
    return _told(_certificates().validate(loader.load_certificate(content, "certificate").root))


def of_link(above: bytes, below: bytes) -> list[str]:
    """Give what it finds in how a certificate fits the one that it was issued by: name, key, policies, signature."""
    together: dict[str, Any] = {}
    for role, content in (("issuer", above), ("subject", below)):
        together[role] = loader.load_certificate(content, role, role, together)
    results = []
    for made, roles in (
        (chains.create_decoder_validation_container, ("issuer", "subject")),
        (chains.create_issuer_validation_container, ("issuer",)),
        (chains.create_subject_validation_container, ("subject",)),
    ):
        for role in roles:
            results += made().validate(together[role].root)
    return _told(results)


def of_list(content: bytes) -> list[str]:
    """Give what it finds in a revocation list (DER), from notices on."""
    return _told(_lists().validate(loader.load_crl(content, "list").root))


def of_answer(content: bytes) -> list[str]:
    """Give what it finds in an answer of OCSP (DER), from notices on."""
    return _told(_answers().validate(loader.load_ocsp_response(content, "answer").root))


def _told(results: object) -> list[str]:
    text: str = report.ReportGeneratorPlaintext(results, ValidationFindingSeverity.NOTICE).generate()
    return text.splitlines()


@cache
def _certificates() -> Any:  # noqa: ANN401 - of a library without types, as below
    decoding = certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS)
    return certificate.create_pkix_certificate_validator_container(
        decoding,
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )


@cache
def _lists() -> Any:  # noqa: ANN401
    return crl.create_pkix_crl_validator_container(
        _decoders(),
        [
            crl.create_issuer_validator_container([]),
            crl.create_validity_validator_container([]),
            crl.create_extensions_validator_container([]),
        ],
    )


@cache
def _answers() -> Any:  # noqa: ANN401
    return ocsp.create_pkix_ocsp_response_validator_container([ocsp.create_response_decoder(), *_decoders()], [])


def _decoders() -> list[Any]:
    return [
        pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
        pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
    ]

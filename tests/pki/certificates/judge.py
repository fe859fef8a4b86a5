"""What pkilint, a linter of others, says of a certificate."""

from __future__ import annotations

from pkilint import loader, report  # type: ignore[import-untyped]  # ships no types (0.13)
from pkilint.pkix import certificate, extension, name  # type: ignore[import-untyped]
from pkilint.validation import ValidationFindingSeverity  # type: ignore[import-untyped]


def judged(content: bytes) -> list[str]:
    """Give what pkilint finds, from notices on."""
    decoding = certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS)
    linter = certificate.create_pkix_certificate_validator_container(
        decoding,
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )
    results = linter.validate(loader.load_certificate(content, "test").root)
    text: str = report.ReportGeneratorPlaintext(results, ValidationFindingSeverity.NOTICE).generate()
    return text.splitlines()

"""django-ca as it signs requests: a program for the Python that it is installed for.

    python django_ca_peer.py FOLDER

It says `ready`, reads [host, PEM] a line up to an empty line, and says how many it has signed; and so on.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

urlpatterns: list[Any] = []
"""Where Django looks for addresses."""


def main(folder: str) -> None:
    """Make an authority in a folder, and sign."""
    settings = import_module("django.conf").settings
    place = Path(folder)
    settings.configure(
        SECRET_KEY="bench",  # noqa: S106 - no secret
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django_object_actions", "django_ca"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(place / "ca.db")}},
        STORAGES={
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "django-ca": {
                "BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(place)},
            },
        },
        ROOT_URLCONF="__main__",
        CA_USE_CELERY=False,
        CA_DEFAULT_HOSTNAME="localhost",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )  # fmt: skip
    import_module("django").setup()
    urls = import_module("django.urls")
    urlpatterns.append(urls.path("ca/", urls.include("django_ca.urls")))
    call_command = import_module("django.core.management").call_command
    call_command("migrate", verbosity=0)
    call_command("init_ca", "bench", "CN=bench", key_type="EC", verbosity=0, stdout=StringIO())
    _serve()


def _serve() -> None:
    from cryptography import x509

    models = import_module("django_ca.models")
    authority = models.CertificateAuthority.objects.get()
    options = authority.key_backend.get_use_private_key_options(authority, {})
    print("ready", flush=True)
    signed = 0
    for line in sys.stdin:
        if line == "\n":
            print(signed, flush=True)
            signed = 0
            continue
        host, pem = json.loads(line)
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        models.Certificate.objects.create_cert(
            ca=authority,
            key_backend_options=options,
            csr=x509.load_pem_x509_csr(pem.encode()),
            subject=x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)]),
            extensions=[x509.Extension(x509.SubjectAlternativeName.oid, False, names)],
        )
        signed += 1


if __name__ == "__main__":
    main(sys.argv[1])

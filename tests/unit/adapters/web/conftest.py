"""One certificate authority for all tests of this folder."""

import pytest

from tests.support.web_server import CertificateAuthority


@pytest.fixture(scope="session")
def authority() -> CertificateAuthority:
    """An authority that only clients of these tests trust."""
    return CertificateAuthority()

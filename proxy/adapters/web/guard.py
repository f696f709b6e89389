"""May this URL be fetched? Decided twice: by its text, and by the addresses its host stands for.

A URL comes from whoever sent the request, and a server that fetches it lends them its own place in
the network (SSRF). So the text must fit a narrow grammar, narrower than any two parsers disagree
on (vLLM CVE-2026-24779: a backslash; Open WebUI CVE-2026-45400), and an address must be one of the
public internet, in none of the notations that hide another one.

Pure decisions; `fetcher.py` makes sure that what was judged is what is connected to.
Source: https://url.spec.whatwg.org/#host-parsing, the IANA special-purpose address registries.
"""

import ipaddress
import re
from dataclasses import dataclass

from yarl import URL

MAX_URL_CHARS = 8_192

_URL = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://"
    r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<rest>[/?#].*)?",
    re.IGNORECASE | re.ASCII,
)
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")
_MAX_NAME_CHARS = 253
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""A last label that makes a host an IPv4 address, in whatever notation ("ends in a number")."""
_PRIVATE_ZONES = (
    ".localhost",
    ".localdomain",
    ".local",
    ".internal",  # with Google's metadata.google.internal and Docker's host.docker.internal
    ".intranet",
    ".lan",
    ".home",
    ".home.arpa",
    ".corp",
)
_METADATA_NAMES = frozenset(
    {"metadata.tencentyun.com", "metadata.packet.net", "metadata.platformequinix.com"}
)

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that is allocated of IPv6; outside lie mapped, compatible, unique-local and site-local."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""How a network without IPv4 reaches it: the last 32 bits are the address."""
_NEVER = (
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's host, from inside its machines
    ipaddress.ip_network("192.0.0.0/24"),  # Oracle's metadata among them; global in older Pythons
    ipaddress.ip_network("192.88.99.0/24"),  # 6to4 relays
    ipaddress.ip_network("2002::/16"),  # 6to4: an IPv4 address inside
    ipaddress.ip_network("3fff::/20"),  # documentation; global in older Pythons
)


class NotFetchable(Exception):
    """Nothing is fetched; the text goes to whoever sent the URL and tells nothing of our network.

    It is the end of a sentence: "The image cannot be used: …".
    """


@dataclass(frozen=True, slots=True)
class UrlRules:
    """What a fetcher may be asked for."""

    schemes: frozenset[str] = frozenset({"https"})
    ports: frozenset[int] = frozenset({443})


HTTPS = UrlRules()
WEB = UrlRules(frozenset({"https", "http"}), frozenset({443, 80}))
"""Also what is served without TLS: public pages that an author chose to read."""


def checked_url(text: str, rules: UrlRules = HTTPS) -> URL:
    """Return the URL to ask for; its host still has to be looked up and judged by `is_public`.

    What the client wrote after the host is kept to the letter: signed URLs depend on it.

    Raises:
        NotFetchable: the URL is not well-formed, or its scheme, port or host is not allowed.
    """
    if len(text) > MAX_URL_CHARS:
        raise NotFetchable(f"its URL is longer than {MAX_URL_CHARS} characters")
    match = _URL.fullmatch(text)
    if match is None or not text.isprintable() or " " in text or "\\" in text:
        raise NotFetchable(
            "its URL is not of the form https://host/path, without user name, spaces or backslashes"
        )
    scheme, host = match["scheme"].lower(), match["host"].lower()
    if scheme not in rules.schemes:
        raise NotFetchable(f"its URL does not begin with {_alternatives(rules)}")
    port = int(match["port"] or (443 if scheme == "https" else 80))
    if port not in rules.ports:
        raise NotFetchable("its URL names a port that is not allowed")
    if not _is_public_host(host):
        raise NotFetchable("its host is not on the public internet")
    return URL(f"{scheme}://{host}:{port}{match['rest'] or '/'}", encoded=text.isascii())


def is_public(address: str) -> bool:
    """Return whether an IP address, as text, is one of the public internet.

    `ipaddress` alone does not do: by its `is_global` so are multicast, `::127.0.0.1`, 6to4 and
    NAT64 forms of private addresses, and metadata services of clouds.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        elif ip not in _GLOBAL_UNICAST:
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _NEVER)


def _is_public_host(host: str) -> bool:
    if host.startswith("["):
        return is_public(host[1:-1])
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        return is_public(host)  # which knows no notation but four decimal numbers
    return (
        len(host) <= _MAX_NAME_CHARS
        and _NAME.fullmatch(host) is not None
        and not host.endswith(_PRIVATE_ZONES)
        and host not in _METADATA_NAMES
    )


def _alternatives(rules: UrlRules) -> str:
    return " or ".join(f"{scheme}://" for scheme in sorted(rules.schemes, reverse=True))

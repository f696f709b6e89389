"""Which URLs and which addresses may be reached at all."""

import string
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proxy.adapters.web.guard import MAX_URL_CHARS, NotFetchable, UrlRules, checked_url, is_public

LOCAL_RULES = UrlRules(frozenset({"http", "https"}), frozenset({80, 443, 8_080}))

PUBLIC = [
    "8.8.8.8",
    "93.184.216.34",
    "2606:4700:4700::1111",
    "64:ff9b::808:808",  # NAT64 of 8.8.8.8
]
NOT_PUBLIC = {
    "loopback": ["127.0.0.1", "127.255.255.254", "::1"],
    "any": ["0.0.0.0", "0.1.2.3", "::"],
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd00::1", "fc00::1"],
    "shared": ["100.64.0.1"],
    "link-local": ["169.254.0.1", "fe80::1", "fe80::1%eth0", "fec0::1"],
    "multicast": ["224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1"],
    "reserved": ["240.0.0.1", "255.255.255.255", "192.0.0.8"],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
    "benchmark": ["198.18.0.1"],
    "metadata": ["169.254.169.254", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"],
    "azure": ["168.63.129.16"],
    "mapped": ["::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1"],
    "compatible": ["::127.0.0.1", "::a9fe:a9fe"],
    "6to4": ["2002:7f00:1::", "2002:808:808::1", "192.88.99.1"],
    "teredo": ["2001:0:7f00:1::"],
    "NAT64": ["64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1"],
    "no address": ["", "localhost", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "1.2.3.4.5"],
}


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_public_internet_may_be_connected_to(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("kind", "address"), [(kind, one) for kind, all_ in NOT_PUBLIC.items() for one in all_]
)
def test_no_other_address_may(kind: str, address: str) -> None:
    assert not is_public(address), kind


@given(st.ip_addresses(v=4).filter(lambda ip: not is_public(str(ip))))
def test_a_private_address_stays_private_inside_any_ipv6_notation(ip: object) -> None:
    number = int(ip)  # type: ignore[call-overload]
    words = f"{number >> 16:x}:{number & 0xFFFF:x}"
    for wrapped in (f"::ffff:{words}", f"::{words}", f"64:ff9b::{words}", f"2002:{words}::1"):
        assert not is_public(wrapped)
        with pytest.raises(NotFetchable):
            checked_url(f"https://[{wrapped}]/x")


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://pictures.example.com", "https://pictures.example.com/"),
        ("https://pictures.example.com?x=1", "https://pictures.example.com/?x=1"),
        ("HTTPS://Pictures.Example.COM/A.png", "https://pictures.example.com/A.png"),
        ("https://a.example:443/x", "https://a.example/x"),
        ("https://xn--bcher-kva.example/x", "https://xn--bcher-kva.example/x"),
        ("https://a_b.c-d.example/x", "https://a_b.c-d.example/x"),
        ("https://8.8.8.8/x", "https://8.8.8.8/x"),
        ("https://[2606:4700::1111]/x", "https://[2606:4700::1111]/x"),
        ("https://a.example/x@y:z", "https://a.example/x@y:z"),
        ("https://a.example/café.png", "https://a.example/caf%C3%A9.png"),
        (
            "https://a.example/%7Eme%2Fx?sig=a%2Bb%3D&e=",
            "https://a.example/%7Eme%2Fx?sig=a%2Bb%3D&e=",
        ),
    ],
)
def test_a_plain_https_url_is_asked_for_as_it_was_written(url: str, asked: str) -> None:
    target = checked_url(url)
    port = "" if target.is_default_port() else f":{target.port}"
    assert f"{target.scheme}://{target.host_subcomponent}{port}{target.raw_path_qs}" == asked


REFUSED = {
    "scheme": [
        "http://a.example/x",
        "file:///etc/passwd",
        "file://a.example/etc/passwd",
        "gopher://a.example/_x",
        "ftp://a.example/x",
        "javascript:alert(1)",
        "gs://bucket/x",
        "//a.example/x",
        "a.example/x",
        "",
        "https:",
        "https:/a.example/x",
        "https:///a.example/x",
    ],
    "userinfo": [
        "https://user@a.example/x",
        "https://user:word@a.example/x",
        "https://a.example@127.0.0.1/x",
        "https://a.example:443@127.0.0.1/x",
        "https://@a.example/x",
    ],
    "parsers disagree": [
        r"https://good.example\@evil.example/x",
        r"https://good.example\.evil.example/x",
        r"https:\\a.example\x",
        r"https://a.example/x\y",
        "https://a.example#@evil.example\\x",
        " https://a.example/x",
        "https://a.example/x y",
        "https://a.example/x\n",
        "https://a.exa\tmple/x",
        "https://a.example/\r\nx-evil: 1",
        "https://a.example/\x00",
        "https://a.example/\u2028x",
        "https://a.example%2f@evil.example/",
        "https://127.0.0.1%00.a.example/",
        "https://%31%32%37.0.0.1/x",
        "https://a.example:/x",
    ],
    "port": [
        "https://a.example:22/x",
        "https://a.example:80/x",
        "https://a.example:8443/x",
        "https://a.example:0/x",
        "https://a.example:65979/x",  # 443 modulo 65536
        "https://a.example:4430000/x",
        "https://a.example:-1/x",
        "https://a.example:٤٤٣/x",
    ],
    "address": [
        "https://127.0.0.1/x",
        "https://127.1/x",
        "https://127.0.1/x",
        "https://2130706433/x",
        "https://0x7f000001/x",
        "https://0x7f.0.0.1/x",
        "https://0X7F.1/x",
        "https://0177.0.0.1/x",
        "https://017700000001/x",
        "https://0/x",
        "https://127.0.0.0x1/x",
        "https://1.2.3.4.5/x",
        "https://a.example.1/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254./x",
        "https://[::1]/x",
        "https://[::]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://[::ffff:a9fe:a9fe]/x",
        "https://[0:0:0:0:0:0:0:1]/x",
        "https://[64:ff9b::7f00:1]/x",
        "https://[fe80::1%25eth0]/x",
        "https://[127.0.0.1]/x",
        "https://[::1/x",
        "https://[]/x",
    ],
    "name": [
        "https://localhost/x",
        "https://LOCALHOST/x",
        "https://localhost./x",
        "https://a.localhost/x",
        "https://localhost.localdomain/x",
        "https://metadata.google.internal/computeMetadata/v1/",
        "https://METADATA.google.INTERNAL/x",
        "https://metadata.google.internal./x",
        "https://metadata/x",
        "https://instance-data/x",
        "https://metadata.tencentyun.com/x",
        "https://kubernetes.default.svc.cluster.local/x",
        "https://router.lan/x",
        "https://printer.home.arpa/x",
        "https://intranet/x",
        "https://a.example./x",
        "https://a..example/x",
        "https://.example/x",
        "https://-a.example/x",
        f"https://{'a' * 64}.example/x",
        f"https://{'a.' * 125}example/x",
        "https://./x",
    ],
    "IDNA": [
        "https://ⓛocalhost/x",
        "https://①②⑦.⓪.⓪.①/x",
        "https://127。0。0。1/x",
        "https://\uff11\uff12\uff17.0.0.1/x",
        "https://bücher.example/x",
        "https://a.example\u00ad/x",
        "https://\u212a.example/x",  # the Kelvin sign, which folds to k
    ],
    "length": ["https://a.example/" + "x" * MAX_URL_CHARS],
}


@pytest.mark.parametrize(
    ("trick", "url"), [(trick, url) for trick, urls in REFUSED.items() for url in urls]
)
def test_any_other_url_is_refused_and_not_repeated(trick: str, url: str) -> None:
    with pytest.raises(NotFetchable) as refused:
        checked_url(url)
    assert len(url) < 10 or url not in str(refused.value), trick


def test_rules_can_allow_other_schemes_and_ports() -> None:
    assert checked_url("http://a.example/x", LOCAL_RULES).port == 80
    assert checked_url("http://a.example:8080/x", LOCAL_RULES).port == 8_080
    for url in ("http://a.example:22/x", "http://127.0.0.1/x", "gopher://a.example/x"):
        with pytest.raises(NotFetchable):
            checked_url(url, LOCAL_RULES)
    with pytest.raises(NotFetchable, match="https:// or http://"):
        checked_url("file://a.example/x", LOCAL_RULES)


_SPICES = [
    *("https://", "http://", "@", "\\", "/", "?", "#", ":", "[", "]", "%", "..", "0x7f"),
    *("127.0.0.1", "::1", "localhost", ".internal", "a.example", "443", "8.8.8.8", "。"),
]
_PIECES = st.lists(
    st.one_of(
        st.sampled_from(_SPICES),
        st.text(string.printable, max_size=3),
        st.text(max_size=2),
    ),
    max_size=8,
)


@given(_PIECES.map("".join), st.booleans())
@example("a.example#@evil.example", True)
def test_two_other_parsers_read_the_same_host_from_what_is_let_through(
    text: str,
    with_scheme: bool,  # noqa: FBT001
) -> None:
    url = f"https://{text}" if with_scheme else text
    try:
        target = checked_url(url)
    except NotFetchable:
        return
    parts = urlsplit(url)
    assert target.scheme == parts.scheme == "https"
    assert target.raw_host == parts.hostname
    assert target.port == (parts.port or 443) == 443
    assert target.raw_user is None
    assert parts.username is None

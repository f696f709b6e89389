"""The first bytes of files, enough for telling what they are."""

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(32)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(32)
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(32)
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00" + bytes(32)
HEIF = b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00" + bytes(32)
GIF = b"GIF89a\x01\x00\x01\x00" + bytes(32)
AVIF = b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00" + bytes(32)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
HTML = b"<!doctype html><title>Sign in</title>"
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(32)

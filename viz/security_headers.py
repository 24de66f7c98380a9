"""Security headers of the server's answers: what a browser may load with each, and what it may tell others of it."""

Headers = tuple[tuple[bytes, bytes], ...]

PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' {channels}; object-src 'none'; "
    "base-uri 'self'; frame-ancestors 'self'"
)
"""What the page may load: its own server only. Solara's templates and widgets are compiled in the page."""
FILE_HEADERS: Headers = ((b"x-content-type-options", b"nosniff"),)
"""With a file of the page: its type is what the server says."""
VOTE_HEADERS: Headers = (
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"),
    (b"referrer-policy", b"same-origin"),
    *FILE_HEADERS,
)
"""With the page on which a class votes: it loads nothing and runs no script."""


def page_headers(host: str) -> Headers:
    """Return the headers of the page, which may open channels to the host that it was asked from."""
    policy = PAGE_POLICY.format(channels=f"ws://{host} wss://{host}")
    return (
        (b"content-security-policy", policy.encode("latin-1")),
        (b"referrer-policy", b"no-referrer"),
        (b"x-frame-options", b"SAMEORIGIN"),
        *FILE_HEADERS,
    )

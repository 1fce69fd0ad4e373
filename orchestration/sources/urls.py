"""URLs of publishers: made absolute, compared by host, and the file names at their end.

What belongs here: pure functions of a URL's text.
"""

from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

HTTPS_PORT = 443


def resolve(page_url: str, link: str) -> str | None:
    """Return a link as an absolute URL with lower-case host and no fragment; None if invalid."""
    try:
        parts = urlsplit(urljoin(page_url, link.strip()))
    except ValueError:
        return None
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path, parts.query, ""))


def origin(url: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of a URL; None unless it is https."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    if not host or "@" in parts.netloc:
        return None
    return ("https", host, port or HTTPS_PORT) if parts.scheme == "https" else None


def file_name_of(url: str) -> str:
    return unquote(urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1])

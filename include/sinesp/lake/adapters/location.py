"""The state URL as the Delta library wants it: an address and options of its own names."""

from urllib.parse import parse_qs, unquote, urlsplit

_OPTIONS = {"region": "AWS_REGION"}
_TRUE = "true"


def delta_location(url: str) -> tuple[str, dict[str, str]]:
    """Address and storage options of a folder that pyarrow names by `url`.

    >>> delta_location("s3://user:pass@bucket/x?endpoint_override=127.0.0.1:5000&scheme=http")[0]
    's3://bucket/x'
    """
    parts = urlsplit(url)
    if parts.scheme != "s3":
        return url.partition("?")[0], {}
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    options = {_OPTIONS[name]: value for name, value in asked.items() if name in _OPTIONS}
    if "endpoint_override" in asked:
        scheme = asked.get("scheme", "https")
        options["AWS_ENDPOINT_URL"] = f"{scheme}://{asked['endpoint_override'].removeprefix(f'{scheme}://')}"
        options["AWS_ALLOW_HTTP"] = _TRUE if scheme == "http" else "false"
    login, _, host = parts.netloc.rpartition("@")
    if login:
        user, _, secret = login.partition(":")
        options |= {"AWS_ACCESS_KEY_ID": unquote(user), "AWS_SECRET_ACCESS_KEY": unquote(secret)}
    return f"s3://{host}{parts.path}", options

"""Connect URLs, `sc://host:port/;name=value;…`: taken apart and put together so that any token passes as it is."""

from urllib.parse import quote, unquote, urlsplit

from sinesp.domain.errors import ConfigurationError

_PORT = 15002


def address_of(remote: str) -> str:
    """The URL without its parameters."""
    return remote.partition("/;")[0]


def host_and_port(remote: str) -> tuple[str, int]:
    """Where the server listens."""
    url = urlsplit(address_of(remote))
    return url.hostname or "", url.port or _PORT


def parameters_of(remote: str) -> dict[str, str]:
    """The parameters, decoded.

    Raises:
        ConfigurationError: one has no value. It is not shown: it may be a piece of a token.
    """
    parameters = {}
    for parameter in filter(None, remote.partition("/;")[2].split(";")):
        name, sign, value = parameter.partition("=")
        if not sign:
            raise ConfigurationError(
                f"Um parâmetro de SPARK_REMOTE ({address_of(remote)}/;…) não tem a forma nome=valor. Um ; que é parte "
                "do token escreve-se %3B."
            )
        parameters[name] = unquote(value)
    return parameters


def url_of(remote: str, **parameters: str) -> str:
    """The address with these parameters, encoded: Spark's parser refuses a token with = or /, and shows it."""
    said = ";".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items() if value)
    return f"{address_of(remote).rstrip('/')}/;{said}" if said else address_of(remote)


def with_parameters(remote: str, token: str, *, use_ssl: bool) -> str:
    """The URL of a server that is given apart from its token."""
    more = {"token": token, "use_ssl": "true" if use_ssl else ""}
    return url_of(remote, **{**parameters_of(remote), **{name: value for name, value in more.items() if value}})


def is_encrypted(remote: str) -> bool:
    """Whether Spark's client speaks TLS to it: when told to, and to whoever is given a token from afar."""
    parameters = parameters_of(remote)
    told = parameters.get("use_ssl", "").lower() == "true"
    return told or ("token" in parameters and host_and_port(remote)[0] != "localhost")

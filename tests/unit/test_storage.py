"""URLs of the state folder: joined where the path ends, and never shown with what they hold of a login."""

import traceback
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from sinesp.clients.storage import file_system, join, translated, without_secrets
from sinesp.domain.errors import ConfigurationError, SinespError, TransientError
from sinesp.endpoints import endpoints_from_settings
from sinesp.microbatch.adapters import staging
from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.model.sources import SourceKey, SourceKind
from sinesp.settings import Settings
from sinesp.wiring import Services

S3 = "s3://chave:segr%2Fedo@balde/pasta?endpoint_override=minio:9000&scheme=http"


@pytest.mark.parametrize(
    ("url", "joined"),
    [
        ("file:///a/b", "file:///a/b/c/d"),
        ("file:///a/b/", "file:///a/b/c/d"),
        ("s3://b/p?endpoint_override=h:9000&scheme=http", "s3://b/p/c/d?endpoint_override=h:9000&scheme=http"),
        ("s3://b?region=x", "s3://b/c/d?region=x"),
    ],
)
def test_options_of_a_url_stay_at_its_end(url: str, joined: str) -> None:
    assert join(url, "c", "d") == joined


def test_every_folder_of_the_state_keeps_the_options() -> None:
    settings = Settings.model_validate({"state_url": "s3://b/p?region=x"})
    services = Services(settings, endpoints_from_settings(settings))
    assert services.staging.url == "s3://b/p/staging?region=x"
    folder, lake = services.staging.new_folders("lote")
    assert folder.startswith("s3://b/p/staging/lote/")
    assert lake.startswith("s3://b/p/lake/registros/lote/")
    assert folder.endswith("?region=x")
    assert lake.endswith("?region=x")
    assert VersionStore(settings.state)._root == "s3://b/p/published?region=x"


def test_what_is_shown_of_a_url_holds_no_login_and_no_option() -> None:
    assert without_secrets(S3) == "s3://balde/pasta"
    assert without_secrets("file:///a/b") == "file:///a/b"


@pytest.mark.parametrize("url", ["nada://x/y", "sem esquema", "s3://chave:segr%2Fedo@balde/p?nao_existe=segredo"])
def test_url_that_no_file_system_takes_is_to_be_corrected(url: str) -> None:
    with pytest.raises(ConfigurationError, match="SINESP_STATE_URL") as caught:
        file_system(url)
    shown = "".join(traceback.format_exception(caught.value))
    assert "segr" not in shown


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (PermissionError(13, "Permission denied"), ConfigurationError),
        (OSError("When creating bucket 'b': AWS Error ACCESS_DENIED during CreateBucket"), ConfigurationError),
        (OSError("When getting information: AWS Error NO_SUCH_BUCKET"), ConfigurationError),
        (OSError("AWS Error NETWORK_CONNECTION during PutObject: curlCode: 7, Couldn't connect"), TransientError),
        (FileNotFoundError(2, "No such file"), TransientError),
        (OSError(28, "No space left on device"), TransientError),
    ],
)
def test_file_system_is_asked_again_only_where_that_can_help(error: OSError, kind: type[SinespError]) -> None:
    with pytest.raises(SinespError, match="s3://balde/pasta") as caught, translated(S3):
        raise error
    assert type(caught.value) is kind
    assert caught.value.__cause__ is error


def test_login_in_an_error_of_the_file_system_is_not_passed_on() -> None:
    with pytest.raises(TransientError) as caught, translated(S3):
        raise OSError(f"failed for {S3} with segr/edo")
    assert "segr" not in "".join(traceback.format_exception(caught.value))


def test_staging_and_versions_fail_in_our_terms(tmp_path: Path) -> None:
    (tmp_path / "arquivo").touch()  # a file where a folder should be
    url = (tmp_path / "arquivo").as_uri()
    nothing = pl.DataFrame(schema={"id": pl.String, "granularidade": pl.String})
    for ask in (
        lambda: staging.write(join(url, "x"), pa.table({"a": [1]})),
        lambda: list(staging.read_groups(url, [(f"{tmp_path}/nada.parquet", 0)])),
        lambda: VersionStore(url).begin(SourceKey(SourceKind.VDE, 2024), nothing),
    ):
        with pytest.raises(TransientError, match="O armazenamento file://"):
            ask()

"""The file system of a URL: a local folder by default, anything pyarrow reaches on a cluster."""

import pyarrow.fs as pafs


def file_system(url: str) -> tuple[pafs.FileSystem, str]:
    """File system and path of a URL (file://, s3://, gs://, hdfs://)."""
    fs, path = pafs.FileSystem.from_uri(url)
    return fs, str(path)

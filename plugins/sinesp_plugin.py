"""Registers the page "SINESP" in Airflow's menu and the listener that makes tasks start sooner (`sinesp_airflow`)."""

from typing import Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

from sinesp_airflow import preload

PREFIX = "/sinesp"


async def page(scope: Any, receive: Any, send: Any) -> None:
    """Hand over to the application; imported at the first request, because every Airflow process loads this file."""
    from sinesp_airflow.page.app import app

    await app(scope, receive, send)


class SinespPlugin(AirflowPlugin):
    """The page, its menu entry, the listener."""

    name = "sinesp"
    listeners = [preload]  # noqa: RUF012
    fastapi_apps = [{"app": page, "url_prefix": PREFIX, "name": "SINESP"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {
            "name": "SINESP",
            "href": f"{urlsplit(conf.get('api', 'base_url', fallback='')).path.rstrip('/')}{PREFIX}/",
            "destination": "nav",
            "url_route": "sinesp",
            "nav_top_level": True,
        }
    ]

"""Which version a page shows, and a word when it is not the newest."""

from sinesp_api.pages.brazilian import day, moment
from sinesp_api.pages.links import Here
from sinesp_api.pages.setting import Setting
from sinesp_api.pages.sheet import Shown


def standing(setting: Setting, here: Here) -> Shown:
    """The version of the page's numbers."""
    version = setting.state.version
    newest = here.to(versao=None, em=None)
    if setting.state.until is not None:
        text = f"Números como eram conhecidos em {day(setting.state.until)}."
        return Shown(version.versao, text, newest)
    if setting.asked.moment.versao is None:
        return Shown(version.versao, f"Versão {version.versao}, de {moment(version.criado_em)}.")
    return Shown(
        version.versao, f"Este endereço mostra sempre a versão {version.versao}, de {day(version.criado_em)}.", newest
    )

"""Every kind of damage, registered."""

from tests.files import damage_content, damage_form
from tests.files.damage_core import KINDS, damage, damaged, each_kind

__all__ = ["KINDS", "damage", "damage_content", "damage_form", "damaged", "each_kind"]

"""What records of the official sources have in common."""

from sinesp.publication.model.sources import SourceKind

VDE = SourceKind.VDE.resource_id
UF = SourceKind.UF.resource_id

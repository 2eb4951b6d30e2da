"""What both capabilities speak of: contract, places, crimes, offsets, errors. Standard library only."""

"""What each route may be asked: unknown names are refused, texts have a form, numbers have bounds."""

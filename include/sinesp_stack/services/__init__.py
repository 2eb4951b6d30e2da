"""The services of the stack, each as the supervisor sees it: what it needs, what it starts, when it answers."""

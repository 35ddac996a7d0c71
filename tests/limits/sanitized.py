"""A sanitizer takes memory and time of its own, of which nothing is asked."""


def is_sanitized(program):
    with open(program, "rb") as file:
        return b"__asan_init" in file.read()

"""`python -m proxy` is `book-proxy`."""

from proxy.cli import main

if __name__ == "__main__":
    main()

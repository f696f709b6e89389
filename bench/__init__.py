"""Side by side with other gateways: `make bench`, explained in bench/README.md."""

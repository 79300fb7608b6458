"""What an author needs: solutions become exercises and keys; lessons become a table of contents."""

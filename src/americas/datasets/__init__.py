"""The tables: how each is made from its publisher's file, and the codebook made from them."""

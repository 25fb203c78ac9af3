"""Perfect play: the solver in C, the WebAssembly that it is compiled to, and the book that it reads."""

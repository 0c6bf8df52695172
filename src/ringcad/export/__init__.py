"""Writers of the delivered files. Each format has one module; importing this package loads none."""

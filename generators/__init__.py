"""Relief generators. Each sub-package exposes ``generator``, found through the entry points."""

"""Constants, errors and findings shared by every stage. Imports nothing heavy."""

"""Texts that are marked for translation: found in code and templates, kept in catalogs.

For development alone; at run time Django reads the compiled catalogs in locale/.
"""

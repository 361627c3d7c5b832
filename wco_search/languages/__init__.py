"""Crossing between Russian and English, and between keyboard layouts, as far as no index is needed.
"""

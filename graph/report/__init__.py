"""The coverage report: one HTML page about a graph and the questions made from it, with pictures, for a browser alone.

figures.py   everything the page tells, as plain values: most of it the answers of shipped queries
pictures.py  the drawings, as SVG
page.py      the page
"""

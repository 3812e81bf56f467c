"""The app: explore the graph, see what is covered, read the questions, watch the runs. It opens nothing for writing.

Streamlit runs `server.py`, which serves `main.py` and our own routes. A page is thin: what it shows comes from
functions of `graph` and `generation` that the command line uses as well. Undo, start, stop and resume call what a
script would.
"""

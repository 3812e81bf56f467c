"""A real Neo4j community server for a person who has no container engine and no Java: packages of pip alone.

`jars` fetches the server once for all workspaces, `server` starts and stops it for one of them.
"""

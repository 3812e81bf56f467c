"""Cypher that a person writes: read by a guard, answered by a process that may do nothing else.

    text --tokens--> --parser--> guard.check          refused unless every word is on a list
         --asking.ask--> workers.Workers --socket--> child     a process that can be killed, and can write nothing

Shipped queries are ours and go to a store directly (`graph.query`); what is typed goes through here, and only through
here. The import of this package stays light: the child pays for it.
"""

// title: Hubs
// question: Which concepts are joined to the most others?
// parameter kind: any|topic|knowledge_point|skill = any -- concepts of this kind only
// parameter limit: int 1.. = 20 -- rows at most
// column id: text -- the concept
// column kind: text -- topic, knowledge_point or skill
// column name: text -- its name
// column neighbours: int -- concepts it is joined to
// column weight: int -- the weights of its edges, added up
MATCH (c:Concept)-[r:CO_OCCURS]-(n:Concept)
WHERE $kind = 'any' OR c.kind = $kind
RETURN c.id AS id, c.kind AS kind, c.name AS name, count(n) AS neighbours, sum(r.weight) AS weight
ORDER BY neighbours DESC, weight DESC, id
LIMIT $limit

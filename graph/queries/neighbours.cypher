// title: Neighbours
// question: Which concepts occur with this one, the closest first?
// parameter concept: concept -- the name of a concept, or its id
// parameter limit: int 1.. = 20 -- rows at most
// column id: text -- the concept
// column kind: text -- topic, knowledge_point or skill
// column name: text -- its name
// column together: int -- seeds that mention both
// column seeds: int -- seeds that mention it
MATCH (c:Concept)-[r:CO_OCCURS]-(n:Concept)
WHERE c.id = $concept OR c.name = $concept
RETURN n.id AS id, n.kind AS kind, n.name AS name, sum(r.weight) AS together, n.count AS seeds
ORDER BY together DESC, id
LIMIT $limit

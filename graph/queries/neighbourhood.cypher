// title: Neighbourhood
// question: Which concepts lie within one or two edges of this one, the nearest first?
// parameter concept: concept -- the name of a concept, or its id
// parameter hops: int 1..2 = 2 -- edges away, at most
// parameter kind: any|topic|knowledge_point|skill = any -- concepts of this kind only
// parameter limit: int 1.. = 100 -- rows at most
// column id: text -- the concept
// column kind: text -- topic, knowledge_point or skill
// column name: text -- its name
// column seeds: int -- seeds that mention it
// column hops: int -- edges from the concept to it
MATCH (c:Concept)-[:CO_OCCURS]-(m:Concept)
WHERE c.id = $concept OR c.name = $concept
WITH c.id AS origin, collect(m.id) AS near
UNWIND near + [origin] AS start
MATCH (s:Concept)-[:CO_OCCURS]-(n:Concept)
WHERE s.id = start AND n.id <> origin AND ($kind = 'any' OR n.kind = $kind)
WITH n, min(CASE WHEN start = origin THEN 1 ELSE 2 END) AS hops
WHERE hops <= $hops
RETURN n.id AS id, n.kind AS kind, n.name AS name, n.count AS seeds, hops AS hops
ORDER BY hops, seeds DESC, id
LIMIT $limit

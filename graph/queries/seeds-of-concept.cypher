// title: Seeds of a concept
// question: Which seeds mention this concept?
// parameter concept: concept -- the name of a concept, or its id
// parameter limit: int 1.. = 50 -- rows at most
// column id: text -- the seed
// column level: text -- its level
// column subject: text -- its subject
// column source: text -- where it comes from
MATCH (s:Seed)-[:MENTIONS]->(c:Concept)
WHERE c.id = $concept OR c.name = $concept
RETURN DISTINCT s.id AS id, s.level AS level, s.subject AS subject, s.source AS source
ORDER BY id
LIMIT $limit

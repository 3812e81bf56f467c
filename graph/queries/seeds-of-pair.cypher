// title: Seeds of a pair
// question: Which seeds mention both of these concepts?
// parameter a: concept -- the name of one concept, or its id
// parameter b: concept -- the name of the other, or its id
// parameter limit: int 1.. = 20 -- rows at most
// column id: text -- the seed
// column level: text -- its level
// column subject: text -- its subject
// column source: text -- where it comes from
MATCH (a:Concept)<-[:MENTIONS]-(s:Seed)-[:MENTIONS]->(b:Concept)
WHERE (a.id = $a OR a.name = $a) AND (b.id = $b OR b.name = $b) AND a.id <> b.id
RETURN DISTINCT s.id AS id, s.level AS level, s.subject AS subject, s.source AS source
ORDER BY id
LIMIT $limit

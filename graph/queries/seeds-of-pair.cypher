// title: Seeds of a pair
// question: Which seeds mention both of these concepts?
// parameter a: concept -- the name of one concept, or its id
// parameter b: concept -- the name of the other, or its id
// parameter limit: int 1.. = 20 -- rows at most
// column id: text -- the seed
// column level: text -- its level
// column subject: text -- its subject
// column source: text -- where it comes from
MATCH (s:Seed)-[:MENTIONS]->(c:Concept)
WHERE c.id = $a OR c.name = $a OR c.id = $b OR c.name = $b
WITH s, count(*) AS concepts, sum(CASE WHEN c.id = $a OR c.name = $a THEN 1 ELSE 0 END) AS of_a,
  sum(CASE WHEN c.id = $b OR c.name = $b THEN 1 ELSE 0 END) AS of_b
WHERE concepts > 1 AND of_a > 0 AND of_b > 0
RETURN s.id AS id, s.level AS level, s.subject AS subject, s.source AS source
ORDER BY id
LIMIT $limit

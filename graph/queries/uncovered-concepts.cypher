// title: Uncovered concepts
// question: Which concepts does no generated question use, the most frequent in the seeds first?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter kind: any|topic|knowledge_point|skill = any -- concepts of this kind only
// parameter limit: int = 100 -- rows at most
// column id: text -- the concept
// column kind: text -- topic, knowledge_point or skill
// column name: text -- its name
// column seeds: int -- seeds that mention it
MATCH (c:Concept)
WHERE ($kind = 'any' OR c.kind = $kind)
  AND NOT EXISTS { MATCH (:Question)-[u:USES]->(c) WHERE u.basis = $basis }
RETURN c.id AS id, c.kind AS kind, c.name AS name, c.count AS seeds
ORDER BY seeds DESC, id
LIMIT $limit

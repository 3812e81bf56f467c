// title: Concepts by use
// question: How many generated questions use each concept, from the most used to the never used?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter kind: any|topic|knowledge_point|skill = any -- concepts of this kind only
// parameter limit: int = 50 -- rows at most
// column id: text -- the concept
// column kind: text -- topic, knowledge_point or skill
// column name: text -- its name
// column seeds: int -- seeds that mention it
// column questions: int -- generated questions that use it
MATCH (c:Concept)
WHERE $kind = 'any' OR c.kind = $kind
OPTIONAL MATCH (q:Question)-[u:USES]->(c)
WHERE u.basis = $basis
RETURN c.id AS id, c.kind AS kind, c.name AS name, c.count AS seeds, count(q) AS questions
ORDER BY questions DESC, id
LIMIT $limit

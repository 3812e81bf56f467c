// title: Concept card
// question: What is known of this concept?
// parameter concept: text -- the name of a concept, or its id
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// column id: text -- the concept
// column kind: text -- topic, knowledge_point or skill
// column name: text -- its name
// column seeds: int -- seeds that mention it
// column neighbours: int -- concepts that occur with it
// column questions: int -- generated questions that use it
MATCH (c:Concept)
WHERE c.id = $concept OR c.name = $concept
OPTIONAL MATCH (c)-[:CO_OCCURS]-(n:Concept)
WITH c, count(n) AS neighbours
OPTIONAL MATCH (q:Question)-[u:USES]->(c)
WHERE u.basis = $basis
RETURN c.id AS id, c.kind AS kind, c.name AS name, c.count AS seeds, neighbours AS neighbours, count(q) AS questions
ORDER BY id

// title: Concept card
// question: What is known of this concept?
// parameter concept: concept -- the name of a concept, or its id
// column id: text -- the concept
// column kind: text -- topic, knowledge_point or skill
// column name: text -- its name
// column seeds: int -- seeds that mention it
// column neighbours: int -- concepts that occur with it
// column asked: int -- questions that it was asked of
// column claimed: int -- questions whose writer claims it
// column tagged: int -- questions from whose text it was read
MATCH (c:Concept)
WHERE c.id = $concept OR c.name = $concept
OPTIONAL MATCH (c)-[:CO_OCCURS]-(n:Concept)
WITH c, count(n) AS neighbours
RETURN c.id AS id, c.kind AS kind, c.name AS name, c.count AS seeds, neighbours AS neighbours,
  c.asked AS asked, c.claimed AS claimed, c.tagged AS tagged
ORDER BY id

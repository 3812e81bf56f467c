// title: Concentration
// question: How unevenly are the concepts used: how many have no question, one, a few, many?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter kind: any|topic|knowledge_point|skill = any -- concepts of this kind only
// column band: text -- questions that use a concept, from and to
// column concepts: int -- concepts with so many
// column uses: int -- their uses in all
// column least: int -- the fewest questions of one of them
MATCH (c:Concept)
WHERE $kind = 'any' OR c.kind = $kind
OPTIONAL MATCH (q:Question)-[u:USES]->(c)
WHERE u.basis = $basis
WITH c.id AS id, count(q) AS questions
WITH questions AS questions, CASE
  WHEN questions = 0 THEN '0'
  WHEN questions = 1 THEN '1'
  WHEN questions < 10 THEN '2-9'
  WHEN questions < 100 THEN '10-99'
  WHEN questions < 1000 THEN '100-999'
  ELSE '1000 and more' END AS band
RETURN band AS band, count(*) AS concepts, sum(questions) AS uses, min(questions) AS least
ORDER BY least

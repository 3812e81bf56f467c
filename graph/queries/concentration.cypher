// title: Concentration
// question: How unevenly are the concepts used: how many have no question, one, a few, many?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter kind: any|topic|knowledge_point|skill = any -- concepts of this kind only
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- questions of this level only
// column band: text -- questions that use a concept, from and to
// column concepts: int -- concepts with so many
// column uses: int -- their uses in all
// column least: int -- the fewest questions of one of them
MATCH (c:Concept)
WHERE $kind = 'any' OR c.kind = $kind
OPTIONAL MATCH (c)-[u:USED_IN]->(s:Slice)
WHERE s.basis = $basis AND ($run = 'any' OR s.run = $run) AND ($level = 'any' OR s.level = $level)
WITH c.id AS id, coalesce(sum(u.questions), 0) AS questions
WITH questions, CASE
  WHEN questions = 0 THEN '0'
  WHEN questions = 1 THEN '1'
  WHEN questions < 10 THEN '2-9'
  WHEN questions < 100 THEN '10-99'
  WHEN questions < 1000 THEN '100-999'
  ELSE '1000 and more' END AS band
RETURN band AS band, count(*) AS concepts, sum(questions) AS uses, min(questions) AS least
ORDER BY least

// title: Thin concepts
// question: Which concepts have many seeds and few questions, the fewest questions for each seed first?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter kind: any|topic|knowledge_point|skill = any -- concepts of this kind only
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- questions of this level only
// parameter seeds: int 1.. = 3 -- only concepts that so many seeds mention, or more
// parameter limit: int 1.. = 50 -- rows at most
// column id: text -- the concept
// column kind: text -- topic, knowledge_point or skill
// column name: text -- its name
// column seeds: int -- seeds that mention it
// column questions: int -- generated questions that use it
// column ratio: number -- questions for each seed
MATCH (c:Concept)
WHERE c.count >= $seeds AND ($kind = 'any' OR c.kind = $kind)
OPTIONAL MATCH (c)-[u:USED_IN]->(s:Slice)
WHERE s.basis = $basis AND ($run = 'any' OR s.run = $run) AND ($level = 'any' OR s.level = $level)
WITH c.id AS id, c.kind AS kind, c.name AS name, c.count AS seeds, coalesce(sum(u.questions), 0) AS questions
RETURN id AS id, kind AS kind, name AS name, seeds AS seeds, questions AS questions,
  (200 * questions + seeds) / (2 * seeds) / 100.0 AS ratio
ORDER BY ratio, seeds DESC, id
LIMIT $limit

// title: Concepts by use
// question: How many generated questions use each concept, from the most used to the never used?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter kind: any|topic|knowledge_point|skill = any -- concepts of this kind only
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- questions of this level only
// parameter limit: int 1.. = 50 -- rows at most
// column id: text -- the concept
// column kind: text -- topic, knowledge_point or skill
// column name: text -- its name
// column seeds: int -- seeds that mention it
// column questions: int -- generated questions that use it
MATCH (c:Concept)
WHERE $kind = 'any' OR c.kind = $kind
OPTIONAL MATCH (c)-[u:USED_IN]->(s:Slice)
WHERE s.basis = $basis AND ($run = 'any' OR s.run = $run) AND ($level = 'any' OR s.level = $level)
RETURN c.id AS id, c.kind AS kind, c.name AS name, c.count AS seeds, coalesce(sum(u.questions), 0) AS questions
ORDER BY questions DESC, id
LIMIT $limit

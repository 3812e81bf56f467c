// title: Uncovered concepts
// question: Which concepts does no generated question use, the most frequent in the seeds first?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter kind: any|topic|knowledge_point|skill = any -- concepts of this kind only
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- questions of this level only
// parameter limit: int 1.. = 100 -- rows at most
// column id: text -- the concept
// column kind: text -- topic, knowledge_point or skill
// column name: text -- its name
// column seeds: int -- seeds that mention it
MATCH (c:Concept)
WHERE $kind = 'any' OR c.kind = $kind
OPTIONAL MATCH (c)-[:USED_IN]->(s:Slice)
WHERE s.basis = $basis AND ($run = 'any' OR s.run = $run) AND ($level = 'any' OR s.level = $level)
WITH c.id AS id, c.kind AS kind, c.name AS name, c.count AS seeds, count(s) AS slices
WHERE slices = 0
RETURN id AS id, kind AS kind, name AS name, seeds AS seeds
ORDER BY seeds DESC, id
LIMIT $limit

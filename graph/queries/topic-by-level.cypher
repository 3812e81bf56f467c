// title: Topic by level
// question: How many questions use each topic at each level, none included?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter run: run = any -- questions of this run only
// parameter limit: int 1.. = 1000 -- rows at most
// column id: text -- the topic
// column name: text -- its name
// column level: text -- a level at which questions were made, empty where it is not known
// column questions: int -- questions of this level that use the topic
// column total: int -- questions of all levels that use it
MATCH (s:Slice)
WHERE s.basis = $basis AND ($run = 'any' OR s.run = $run)
WITH DISTINCT s.level AS level
MATCH (t:Concept)
WHERE t.kind = 'topic'
OPTIONAL MATCH (t)-[u:USED_IN]->(s:Slice)
WHERE s.basis = $basis AND ($run = 'any' OR s.run = $run)
WITH level, t, coalesce(sum(CASE WHEN s.level = level THEN u.questions ELSE 0 END), 0) AS questions,
  coalesce(sum(u.questions), 0) AS total
RETURN t.id AS id, t.name AS name, level AS level, questions AS questions, total AS total
ORDER BY total DESC, id, level
LIMIT $limit

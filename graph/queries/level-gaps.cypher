// title: Level gaps
// question: Which concepts do seeds of a level mention that no question of that level uses, the most frequent first?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter kind: any|topic|knowledge_point|skill = any -- concepts of this kind only
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- seeds and questions of this level only
// parameter limit: int 1.. = 100 -- rows at most
// column id: text -- the concept
// column kind: text -- topic, knowledge_point or skill
// column name: text -- its name
// column level: text -- the level
// column seeds: int -- seeds of this level that mention it
// column elsewhere: int -- questions of other levels that use it
MATCH (d:Seed)-[:MENTIONS]->(c:Concept)
WHERE d.level <> '' AND ($level = 'any' OR d.level = $level) AND ($kind = 'any' OR c.kind = $kind)
WITH c, d.level AS level, count(DISTINCT d.id) AS seeds
OPTIONAL MATCH (c)-[u:USED_IN]->(s:Slice)
WHERE s.basis = $basis AND ($run = 'any' OR s.run = $run)
WITH c, level, seeds, coalesce(sum(CASE WHEN s.level = level THEN u.questions ELSE 0 END), 0) AS here,
  coalesce(sum(u.questions), 0) AS elsewhere
WHERE here = 0
RETURN c.id AS id, c.kind AS kind, c.name AS name, level AS level, seeds AS seeds, elsewhere AS elsewhere
ORDER BY seeds DESC, id, level
LIMIT $limit

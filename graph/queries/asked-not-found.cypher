// title: Asked but not found
// question: Which concepts are asked of questions that then do not have them, the most often first?
// note: reads every use of every question; of millions, ask for one run or level
// parameter against: claimed|tagged = tagged -- by the writer of the question, or read from its text
// parameter kind: any|topic|knowledge_point|skill = any -- concepts of this kind only
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- questions of this level only
// parameter limit: int 1.. = 50 -- rows at most
// column id: text -- the concept
// column kind: text -- topic, knowledge_point or skill
// column name: text -- its name
// column asked: int -- questions that it was asked of and that have any concept on the other basis
// column missed: int -- those that do not have this one
// column percent: number -- missed of asked
MATCH (q:Question)-[u:USES]->(c:Concept)
WHERE u.basis = 'asked' AND ($run = 'any' OR q.run = $run) AND ($level = 'any' OR q.level = $level)
  AND ($kind = 'any' OR c.kind = $kind)
  AND EXISTS { MATCH (q)-[o:USES]->(:Concept) WHERE o.basis = $against }
OPTIONAL MATCH (q)-[v:USES]->(c)
WHERE v.basis = $against
WITH c.id AS id, c.kind AS kind, c.name AS name, count(*) AS asked, count(*) - count(v) AS missed
WHERE missed > 0
RETURN id AS id, kind AS kind, name AS name, asked AS asked, missed AS missed,
  (20000 * missed + asked) / (2 * asked) / 100.0 AS percent
ORDER BY missed DESC, percent DESC, id
LIMIT $limit

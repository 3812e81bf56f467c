// title: Asked but not found
// question: Which concepts are asked of questions that then do not have them, the most often first?
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
MATCH (c:Concept)-[u:USED_IN]->(s:Slice)
WHERE s.basis = 'asked' AND ($run = 'any' OR s.run = $run) AND ($level = 'any' OR s.level = $level)
  AND ($kind = 'any' OR c.kind = $kind)
WITH c.id AS id, c.kind AS kind, c.name AS name,
  sum(CASE $against WHEN 'claimed' THEN u.any_claimed ELSE u.any_tagged END) AS asked,
  sum(CASE $against WHEN 'claimed' THEN u.found_claimed ELSE u.found_tagged END) AS found
WITH id, kind, name, asked, asked - found AS missed
WHERE missed > 0
RETURN id AS id, kind AS kind, name AS name, asked AS asked, missed AS missed,
  (20000 * missed + asked) / (2 * asked) / 100.0 AS percent
ORDER BY missed DESC, percent DESC, id
LIMIT $limit

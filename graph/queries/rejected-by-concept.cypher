// title: Rejected by concept
// question: Of which concepts does a person reject the most questions?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter kind: any|topic|knowledge_point|skill = any -- concepts of this kind only
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- questions of this level only
// parameter limit: int 1.. = 50 -- rows at most
// column id: text -- the concept
// column kind: text -- topic, knowledge_point or skill
// column name: text -- its name
// column reviewed: int -- questions that use it and that a person accepted or rejected
// column rejected: int -- those that were rejected
// column percent: number -- rejected of reviewed
MATCH (c:Concept)-[u:USED_IN]->(s:Slice)
WHERE u.reviewed > 0 AND s.basis = $basis AND ($run = 'any' OR s.run = $run) AND ($level = 'any' OR s.level = $level)
  AND ($kind = 'any' OR c.kind = $kind)
WITH c.id AS id, c.kind AS kind, c.name AS name, sum(u.reviewed) AS reviewed, sum(u.rejected) AS rejected
RETURN id AS id, kind AS kind, name AS name, reviewed AS reviewed, rejected AS rejected,
  (20000 * rejected + reviewed) / (2 * reviewed) / 100.0 AS percent
ORDER BY rejected DESC, percent DESC, id
LIMIT $limit

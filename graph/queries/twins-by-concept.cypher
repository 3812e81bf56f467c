// title: Twins by concept
// question: Of which concepts are the most questions twins of an earlier one: the same text but for its numbers?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter kind: any|topic|knowledge_point|skill = any -- concepts of this kind only
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- questions of this level only
// parameter limit: int 1.. = 50 -- rows at most
// column id: text -- the concept
// column kind: text -- topic, knowledge_point or skill
// column name: text -- its name
// column questions: int -- generated questions that use it
// column twins: int -- those that are twins of an earlier question
// column percent: number -- twins of questions
MATCH (c:Concept)-[u:USED_IN]->(s:Slice)
WHERE s.basis = $basis AND ($run = 'any' OR s.run = $run) AND ($level = 'any' OR s.level = $level)
  AND ($kind = 'any' OR c.kind = $kind)
WITH c.id AS id, c.kind AS kind, c.name AS name, sum(u.questions) AS questions, sum(u.twins) AS twins
WHERE twins > 0
RETURN id AS id, kind AS kind, name AS name, questions AS questions, twins AS twins,
  (20000 * twins + questions) / (2 * questions) / 100.0 AS percent
ORDER BY twins DESC, percent DESC, id
LIMIT $limit

// title: Top pairs
// question: Which two concepts do the generated questions use together most often?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter kind: any|topic|knowledge_point|skill = any -- pairs of two concepts of this kind only
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- questions of this level only
// parameter limit: int 1.. = 20 -- rows at most
// column a_id: text -- one concept
// column a_name: text -- its name
// column b_id: text -- the other concept
// column b_name: text -- its name
// column questions: int -- questions that use both
// column seeds: int -- seeds that mention both
MATCH (a:Concept)-[w:USED_WITH]->(b:Concept)
WHERE CASE
  WHEN $run = 'any' AND $level = 'any' THEN w.all_questions
  WHEN $level = 'any' THEN w.run_questions
  WHEN $run = 'any' THEN w.level_questions
  ELSE w.questions END > 0
  AND w.basis = $basis AND ($run = 'any' OR w.run = $run) AND ($level = 'any' OR w.level = $level)
  AND ($kind = 'any' OR (a.kind = $kind AND b.kind = $kind))
RETURN a.id AS a_id, a.name AS a_name, b.id AS b_id, b.name AS b_name, CASE
  WHEN $run = 'any' AND $level = 'any' THEN w.all_questions
  WHEN $level = 'any' THEN w.run_questions
  WHEN $run = 'any' THEN w.level_questions
  ELSE w.questions END AS questions, w.seeds AS seeds
ORDER BY questions DESC, a_id, b_id
LIMIT $limit

// title: Drift between two runs
// question: Which concepts have another share of the questions in one run than in another, the largest change first?
// parameter run_a: run -- one run
// parameter run_b: run -- the other run
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter kind: any|topic|knowledge_point|skill = any -- concepts of this kind only
// parameter level: level = any -- questions of this level only
// parameter limit: int 1.. = 50 -- rows at most
// column id: text -- the concept
// column kind: text -- topic, knowledge_point or skill
// column name: text -- its name
// column a_questions: int -- questions of the one run that use it
// column b_questions: int -- questions of the other run that use it
// column a_percent: number -- of the questions of the one run
// column b_percent: number -- of the questions of the other run
// column change: number -- the second less the first, in percentage points
MATCH (s:Slice)
WHERE s.basis = $basis AND ($level = 'any' OR s.level = $level)
WITH sum(CASE WHEN s.run = $run_a THEN s.questions ELSE 0 END) AS all_a,
  sum(CASE WHEN s.run = $run_b THEN s.questions ELSE 0 END) AS all_b
WHERE all_a > 0 AND all_b > 0
MATCH (c:Concept)-[u:USED_IN]->(s:Slice)
WHERE s.basis = $basis AND ($level = 'any' OR s.level = $level) AND (s.run = $run_a OR s.run = $run_b)
  AND ($kind = 'any' OR c.kind = $kind)
WITH c, all_a, all_b, sum(CASE WHEN s.run = $run_a THEN u.questions ELSE 0 END) AS a_questions,
  sum(CASE WHEN s.run = $run_b THEN u.questions ELSE 0 END) AS b_questions
WITH c, a_questions, b_questions, (20000 * a_questions + all_a) / (2 * all_a) AS a_share,
  (20000 * b_questions + all_b) / (2 * all_b) AS b_share
RETURN c.id AS id, c.kind AS kind, c.name AS name, a_questions AS a_questions, b_questions AS b_questions,
  a_share / 100.0 AS a_percent, b_share / 100.0 AS b_percent, (b_share - a_share) / 100.0 AS change
ORDER BY abs(b_share - a_share) DESC, id
LIMIT $limit

// title: Skills used together
// question: Which two skills do questions use together, and how much of the use of either is that?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- questions of this level only
// parameter limit: int 1.. = 50 -- rows at most
// column a_id: text -- one concept
// column a_name: text -- its name
// column b_id: text -- the other concept
// column b_name: text -- its name
// column questions: int -- questions that use both
// column seeds: int -- seeds that mention both
// column percent: number -- of the questions that use one of them or both
MATCH (a:Concept)-[w:USED_WITH]->(b:Concept)
WHERE a.kind = 'skill' AND b.kind = 'skill' AND w.basis = $basis
  AND ($run = 'any' OR w.run = $run) AND ($level = 'any' OR w.level = $level)
WITH a.id AS a_id, b.id AS b_id, sum(w.questions) AS questions, max(w.seeds) AS seeds
ORDER BY questions DESC, a_id, b_id
LIMIT $limit
MATCH (a:Concept)-[u:USED_IN]->(s:Slice)
WHERE a.id = a_id AND s.basis = $basis AND ($run = 'any' OR s.run = $run) AND ($level = 'any' OR s.level = $level)
WITH a_id, a.name AS a_name, b_id, questions, seeds, sum(u.questions) AS of_a
MATCH (b:Concept)-[u:USED_IN]->(s:Slice)
WHERE b.id = b_id AND s.basis = $basis AND ($run = 'any' OR s.run = $run) AND ($level = 'any' OR s.level = $level)
WITH a_id, a_name, b_id, b.name AS b_name, questions, seeds, of_a, sum(u.questions) AS of_b
WITH a_id, a_name, b_id, b_name, questions, seeds, of_a + of_b - questions AS either
RETURN a_id AS a_id, a_name AS a_name, b_id AS b_id, b_name AS b_name, questions AS questions, seeds AS seeds,
  (20000 * questions + either) / (2 * either) / 100.0 AS percent
ORDER BY questions DESC, a_id, b_id

// title: Seed pairs not generated
// question: Which two concepts occur together in the seeds, but in no generated question?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- questions of this level only
// parameter limit: int 1.. = 100 -- rows at most
// column a_id: text -- one concept
// column a_name: text -- its name
// column b_id: text -- the other concept
// column b_name: text -- its name
// column seeds: int -- seeds that mention both
MATCH (a:Concept)-[r:CO_OCCURS]->(b:Concept)
WHERE NOT EXISTS {
  MATCH (a)-[w:USED_WITH]->(b)
  WHERE CASE
      WHEN $run = 'any' AND $level = 'any' THEN w.all_questions
      WHEN $level = 'any' THEN w.run_questions
      WHEN $run = 'any' THEN w.level_questions
      ELSE w.questions END > 0
    AND w.seeds > 0 AND w.basis = $basis AND ($run = 'any' OR w.run = $run) AND ($level = 'any' OR w.level = $level)
}
RETURN a.id AS a_id, a.name AS a_name, b.id AS b_id, b.name AS b_name, r.weight AS seeds
ORDER BY seeds DESC, a_id, b_id
LIMIT $limit

// title: Share against seeds
// question: Which concepts do questions use more, or less, than seeds mention them, the largest difference first?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter kind: any|topic|knowledge_point|skill = any -- concepts of this kind only
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- questions of this level only
// parameter limit: int 1.. = 50 -- rows at most
// column id: text -- the concept
// column kind: text -- topic, knowledge_point or skill
// column name: text -- its name
// column seeds_percent: number -- of all seeds, those that mention it
// column questions_percent: number -- of the questions, those that use it
// column change: number -- the second less the first, in percentage points
MATCH (d:Seed)
WITH count(*) AS all_seeds
MATCH (s:Slice)
WHERE s.basis = $basis AND ($run = 'any' OR s.run = $run) AND ($level = 'any' OR s.level = $level)
WITH all_seeds, sum(s.questions) AS all_questions
WHERE all_seeds > 0 AND all_questions > 0
MATCH (c:Concept)
WHERE $kind = 'any' OR c.kind = $kind
OPTIONAL MATCH (c)-[u:USED_IN]->(s:Slice)
WHERE s.basis = $basis AND ($run = 'any' OR s.run = $run) AND ($level = 'any' OR s.level = $level)
WITH c, all_seeds, all_questions, coalesce(sum(u.questions), 0) AS questions
WITH c, (20000 * c.count + all_seeds) / (2 * all_seeds) AS of_seeds,
  (20000 * questions + all_questions) / (2 * all_questions) AS of_questions
RETURN c.id AS id, c.kind AS kind, c.name AS name, of_seeds / 100.0 AS seeds_percent,
  of_questions / 100.0 AS questions_percent, (of_questions - of_seeds) / 100.0 AS change
ORDER BY abs(of_questions - of_seeds) DESC, id
LIMIT $limit

// title: Questions of a pair
// question: Which generated questions use both of these concepts?
// note: reads every use of the two concepts
// parameter a: concept -- the name of one concept, or its id
// parameter b: concept -- the name of the other, or its id
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- questions of this level only
// parameter limit: int 1.. = 20 -- rows at most
// column id: text -- the question
// column run: text -- its run
// column level: text -- its level, empty where it is not known
// column twin: text -- the first question with the same text but for its numbers, empty where this is the first
// column review: text -- accept or reject, what a person said last; empty where nobody did
MATCH (q:Question)-[u:USES]->(c:Concept)
WHERE (c.id = $a OR c.name = $a OR c.id = $b OR c.name = $b) AND u.basis = $basis
  AND ($run = 'any' OR q.run = $run) AND ($level = 'any' OR q.level = $level)
WITH q, count(*) AS concepts, sum(CASE WHEN c.id = $a OR c.name = $a THEN 1 ELSE 0 END) AS of_a,
  sum(CASE WHEN c.id = $b OR c.name = $b THEN 1 ELSE 0 END) AS of_b
WHERE concepts > 1 AND of_a > 0 AND of_b > 0
RETURN q.id AS id, q.run AS run, q.level AS level, q.twin AS twin, q.review AS review
ORDER BY id
LIMIT $limit

// title: Questions of a concept
// question: Which generated questions use this concept?
// note: reads every use of the concept
// parameter concept: concept -- the name of a concept, or its id
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- questions of this level only
// parameter limit: int 1.. = 50 -- rows at most
// column id: text -- the question
// column run: text -- its run
// column level: text -- its level, empty where it is not known
// column twin: text -- the first question with the same text but for its numbers, empty where this is the first
// column review: text -- accept or reject, what a person said last; empty where nobody did
MATCH (q:Question)-[u:USES]->(c:Concept)
WHERE (c.id = $concept OR c.name = $concept) AND u.basis = $basis
  AND ($run = 'any' OR q.run = $run) AND ($level = 'any' OR q.level = $level)
RETURN DISTINCT q.id AS id, q.run AS run, q.level AS level, q.twin AS twin, q.review AS review
ORDER BY id
LIMIT $limit

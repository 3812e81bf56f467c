// title: Questions of a pair
// question: Which generated questions use both of these concepts?
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
MATCH (a:Concept)<-[u:USES]-(q:Question)-[v:USES]->(b:Concept)
WHERE (a.id = $a OR a.name = $a) AND (b.id = $b OR b.name = $b) AND a.id <> b.id
  AND u.basis = $basis AND v.basis = $basis
  AND ($run = 'any' OR q.run = $run) AND ($level = 'any' OR q.level = $level)
RETURN DISTINCT q.id AS id, q.run AS run, q.level AS level, q.twin AS twin, q.review AS review
ORDER BY id
LIMIT $limit

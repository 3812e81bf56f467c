// title: Used with
// question: Which concepts do generated questions use together with this one, the most often first?
// parameter concept: concept -- the name of a concept, or its id
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- questions of this level only
// parameter limit: int 1.. = 20 -- rows at most
// column id: text -- the concept
// column kind: text -- topic, knowledge_point or skill
// column name: text -- its name
// column questions: int -- questions that use both
// column seeds: int -- seeds that mention both
MATCH (c:Concept)-[w:USED_WITH]-(n:Concept)
WHERE (c.id = $concept OR c.name = $concept)
  AND w.basis = $basis AND ($run = 'any' OR w.run = $run) AND ($level = 'any' OR w.level = $level)
WITH c, n, sum(w.questions) AS questions, max(w.seeds) AS seeds
RETURN n.id AS id, n.kind AS kind, n.name AS name, sum(questions) AS questions, sum(seeds) AS seeds
ORDER BY questions DESC, id
LIMIT $limit

// title: Knowledge points of a topic
// question: Which knowledge points occur with this topic, and how many questions use each, the least used first?
// parameter topic: concept -- the name of a topic, or its id
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- questions of this level only
// parameter limit: int 1.. = 100 -- rows at most
// column id: text -- the knowledge point
// column name: text -- its name
// column together: int -- seeds that mention it with the topic
// column questions: int -- generated questions that use it
MATCH (t:Concept)-[r:CO_OCCURS]-(p:Concept)
WHERE t.kind = 'topic' AND p.kind = 'knowledge_point' AND (t.id = $topic OR t.name = $topic)
WITH p, sum(r.weight) AS together
OPTIONAL MATCH (p)-[u:USED_IN]->(s:Slice)
WHERE s.basis = $basis AND ($run = 'any' OR s.run = $run) AND ($level = 'any' OR s.level = $level)
RETURN p.id AS id, p.name AS name, together AS together, coalesce(sum(u.questions), 0) AS questions
ORDER BY questions, together DESC, id
LIMIT $limit

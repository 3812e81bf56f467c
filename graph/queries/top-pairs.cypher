// title: Top pairs
// question: Which two concepts do the generated questions use together most often?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter limit: int = 20 -- rows at most
// column a_id: text -- one concept
// column a_name: text -- its name
// column b_id: text -- the other concept
// column b_name: text -- its name
// column questions: int -- questions that use both
MATCH (a:Concept)<-[u:USES]-(q:Question)-[v:USES]->(b:Concept)
WHERE u.basis = $basis AND v.basis = $basis AND a.id < b.id
RETURN a.id AS a_id, a.name AS a_name, b.id AS b_id, b.name AS b_name, count(*) AS questions
ORDER BY questions DESC, a_id, b_id
LIMIT $limit

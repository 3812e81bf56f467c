// title: Strongest edges
// question: Which two concepts occur together in the most seeds?
// parameter limit: int 1.. = 20 -- rows at most
// column a_id: text -- one concept
// column a_name: text -- its name
// column b_id: text -- the other concept
// column b_name: text -- its name
// column seeds: int -- seeds that mention both
MATCH (a:Concept)-[r:CO_OCCURS]->(b:Concept)
RETURN a.id AS a_id, a.name AS a_name, b.id AS b_id, b.name AS b_name, r.weight AS seeds
ORDER BY seeds DESC, a_id, b_id
LIMIT $limit

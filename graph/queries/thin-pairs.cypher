// title: Thin pairs
// question: Which pairs have many seeds and few questions, the fewest questions for each seed first?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter seeds: int 1.. = 3 -- only pairs that so many seeds mention, or more
// parameter limit: int 1.. = 50 -- rows at most
// column a_id: text -- one concept
// column a_name: text -- its name
// column b_id: text -- the other concept
// column b_name: text -- its name
// column seeds: int -- seeds that mention both
// column questions: int -- generated questions that use both
// column ratio: number -- questions for each seed
MATCH (a:Concept)-[r:CO_OCCURS]->(b:Concept)
WHERE r.weight >= $seeds
WITH a, b, r.weight AS seeds,
  CASE $basis WHEN 'asked' THEN r.asked WHEN 'claimed' THEN r.claimed ELSE r.tagged END AS questions
RETURN a.id AS a_id, a.name AS a_name, b.id AS b_id, b.name AS b_name, seeds AS seeds, questions AS questions,
  (200 * questions + seeds) / (2 * seeds) / 100.0 AS ratio
ORDER BY ratio, seeds DESC, a_id, b_id
LIMIT $limit

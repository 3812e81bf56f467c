// title: Topics without knowledge points
// question: Which topics occur with no knowledge point, so that a walk from them ends at once?
// parameter limit: int 1.. = 100 -- rows at most
// column id: text -- the topic
// column name: text -- its name
// column seeds: int -- seeds that mention it
MATCH (t:Concept)
WHERE t.kind = 'topic' AND NOT EXISTS { MATCH (t)-[:CO_OCCURS]-(p:Concept) WHERE p.kind = 'knowledge_point' }
RETURN t.id AS id, t.name AS name, t.count AS seeds
ORDER BY seeds DESC, id
LIMIT $limit

// title: Coverage by topic
// question: Of the knowledge points that occur with each topic, how many have a generated question?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter limit: int = 100 -- rows at most
// column id: text -- the topic
// column name: text -- its name
// column points: int -- knowledge points that occur with it in a seed
// column covered: int -- those that at least one question uses
// column percent: number -- covered of points, 0 where there are none
MATCH (t:Concept)
WHERE t.kind = 'topic'
OPTIONAL MATCH (t)-[:CO_OCCURS]-(p:Concept)
WHERE p.kind = 'knowledge_point'
OPTIONAL MATCH (q:Question)-[u:USES]->(p)
WHERE u.basis = $basis
WITH t.id AS id, t.name AS name, p.id AS point, count(q) AS questions
WITH id, name, count(point) AS points, sum(CASE WHEN questions > 0 THEN 1 ELSE 0 END) AS covered
RETURN id, name, points, covered,
  CASE WHEN points = 0 THEN 0.0 ELSE round(100.0 * covered / points, 2) END AS percent
ORDER BY percent, points DESC, id
LIMIT $limit

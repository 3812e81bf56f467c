// title: Coverage by topic
// question: Of the knowledge points that occur with each topic, how many have a generated question?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- questions of this level only
// parameter limit: int 1.. = 100 -- rows at most
// column id: text -- the topic
// column name: text -- its name
// column points: int -- knowledge points that occur with it in a seed
// column covered: int -- those that at least one question uses
// column percent: number -- covered of points, 0 where there are none
MATCH (t:Concept)
WHERE t.kind = 'topic'
OPTIONAL MATCH (t)-[:CO_OCCURS]-(p:Concept)
WHERE p.kind = 'knowledge_point'
OPTIONAL MATCH (p)-[:USED_IN]->(s:Slice)
WHERE s.basis = $basis AND ($run = 'any' OR s.run = $run) AND ($level = 'any' OR s.level = $level)
WITH t.id AS id, t.name AS name, p.id AS point, count(s) AS slices
WITH id, name, count(point) AS points, sum(CASE WHEN slices > 0 THEN 1 ELSE 0 END) AS covered
WITH id, name, points, covered, CASE WHEN points = 0 THEN 1 ELSE points END AS whole
RETURN id AS id, name AS name, points AS points, covered AS covered,
  (20000 * covered + whole) / (2 * whole) / 100.0 AS percent
ORDER BY percent, points DESC, id
LIMIT $limit

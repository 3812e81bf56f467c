MATCH (a:Concept), (b:Concept)
WHERE (a.id = $from OR a.name = $from) AND (b.id = $to OR b.name = $to) AND a.id <> b.id
MATCH p = allShortestPaths((a)-[:CO_OCCURS*..10]-(b))
WITH p, [n IN nodes(p) | n.id] AS ids
ORDER BY length(p), ids
LIMIT 1
UNWIND range(0, length(p)) AS step
WITH p, step, nodes(p)[step] AS c
RETURN step AS step, c.id AS id, c.kind AS kind, c.name AS name,
  CASE WHEN step = 0 THEN 0 ELSE relationships(p)[step - 1].weight END AS together
ORDER BY step

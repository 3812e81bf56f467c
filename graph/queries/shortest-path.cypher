// title: Shortest path
// question: By which concepts does one get from this concept to that one over the fewest edges?
// note: of equally short paths the one whose ids come first
// parameter from: concept -- the name of the first concept, or its id
// parameter to: concept -- the name of the last one, or its id
// column step: int -- edges from the first concept
// column id: text -- the concept
// column kind: text -- topic, knowledge_point or skill
// column name: text -- its name
// column together: int -- seeds that mention it and the one before; 0 for the first
MATCH p = (a:Concept)-[:CO_OCCURS* ALL SHORTEST 1..10]-(b:Concept)
WHERE (a.id = $from OR a.name = $from) AND (b.id = $to OR b.name = $to) AND a.id <> b.id
WITH properties(nodes(p), 'id') AS ids, properties(rels(p), 'weight') AS weights, length(p) AS size
WITH ids, weights, size, list_to_string(' ', ids) AS tie
ORDER BY size, tie
LIMIT 1
UNWIND range(0, size) AS step
MATCH (c:Concept)
WHERE c.id = ids[step + 1]
RETURN step AS step, c.id AS id, c.kind AS kind, c.name AS name,
  CASE WHEN step = 0 THEN 0 ELSE weights[step] END AS together
ORDER BY step

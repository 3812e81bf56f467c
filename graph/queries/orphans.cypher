// title: Orphans
// question: Which concepts occur with no other, so that no walk reaches them?
// parameter kind: any|topic|knowledge_point|skill = any -- concepts of this kind only
// parameter limit: int 1.. = 100 -- rows at most
// column id: text -- the concept
// column kind: text -- topic, knowledge_point or skill
// column name: text -- its name
// column seeds: int -- seeds that mention it
MATCH (c:Concept)
WHERE ($kind = 'any' OR c.kind = $kind) AND NOT EXISTS { MATCH (c)-[:CO_OCCURS]-(:Concept) }
RETURN c.id AS id, c.kind AS kind, c.name AS name, c.count AS seeds
ORDER BY seeds DESC, id
LIMIT $limit

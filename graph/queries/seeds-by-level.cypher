// title: Seeds by level
// question: At each level, how many seeds are there, and how many concepts of each kind do they mention?
// column level: text -- the seeds' level, empty where it is not known
// column kind: text -- topic, knowledge_point or skill
// column seeds: int -- seeds that mention such a concept
// column concepts: int -- different concepts they mention
MATCH (s:Seed)-[:MENTIONS]->(c:Concept)
RETURN s.level AS level, c.kind AS kind, count(DISTINCT s.id) AS seeds, count(DISTINCT c.id) AS concepts
ORDER BY level, kind

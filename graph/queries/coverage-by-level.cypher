// title: Coverage by level
// question: At each level, how many questions were made, and how many concepts of each kind do they use?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// column level: text -- the questions' level, empty where it is not known
// column kind: text -- topic, knowledge_point or skill
// column questions: int -- questions that use such a concept
// column concepts: int -- different concepts they use
// column uses: int -- uses in all
MATCH (q:Question)-[u:USES]->(c:Concept)
WHERE u.basis = $basis
RETURN q.level AS level, c.kind AS kind, count(DISTINCT q.id) AS questions, count(DISTINCT c.id) AS concepts,
  count(*) AS uses
ORDER BY level, kind

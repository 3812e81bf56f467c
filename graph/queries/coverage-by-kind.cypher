// title: Coverage by kind
// question: Of the topics, knowledge points and skills, how many have a generated question?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- questions of this level only
// column kind: text -- topic, knowledge_point or skill
// column concepts: int -- concepts of this kind
// column covered: int -- those that at least one question uses
// column uncovered: int -- those that none uses
// column percent: number -- covered of concepts
MATCH (c:Concept)
OPTIONAL MATCH (c)-[:USED_IN]->(s:Slice)
WHERE s.basis = $basis AND ($run = 'any' OR s.run = $run) AND ($level = 'any' OR s.level = $level)
WITH c.kind AS kind, c.id AS id, count(s) AS slices
WITH kind, count(*) AS concepts, sum(CASE WHEN slices > 0 THEN 1 ELSE 0 END) AS covered
RETURN kind AS kind, concepts AS concepts, covered AS covered, concepts - covered AS uncovered,
  (20000 * covered + concepts) / (2 * concepts) / 100.0 AS percent
ORDER BY kind

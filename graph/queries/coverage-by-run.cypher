// title: Coverage by run
// question: What did each run add: how many concepts do its questions use, and how many does no other run use?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter kind: any|topic|knowledge_point|skill = any -- concepts of this kind only
// parameter level: level = any -- questions of this level only
// column run: text -- the run
// column concepts: int -- concepts that its questions use
// column only_here: int -- those that no other run uses
// column percent: number -- only_here of concepts
MATCH (c:Concept)-[:USED_IN]->(s:Slice)
WHERE s.basis = $basis AND ($level = 'any' OR s.level = $level) AND ($kind = 'any' OR c.kind = $kind)
WITH c, count(DISTINCT s.run) AS runs
MATCH (c)-[:USED_IN]->(s:Slice)
WHERE s.basis = $basis AND ($level = 'any' OR s.level = $level)
WITH DISTINCT c.id AS id, s.run AS run, runs
WITH run, count(*) AS concepts, sum(CASE WHEN runs = 1 THEN 1 ELSE 0 END) AS only_here
RETURN run AS run, concepts AS concepts, only_here AS only_here,
  (20000 * only_here + concepts) / (2 * concepts) / 100.0 AS percent
ORDER BY run

// title: Coverage by subject
// question: Of the concepts that the seeds of each subject mention, how many have a generated question?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter kind: any|topic|knowledge_point|skill = any -- concepts of this kind only
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- questions of this level only
// column subject: text -- the subject of a seed, empty where it is not known
// column concepts: int -- different concepts that its seeds mention
// column covered: int -- those that at least one question uses
// column percent: number -- covered of concepts
MATCH (d:Seed)-[:MENTIONS]->(c:Concept)
WHERE $kind = 'any' OR c.kind = $kind
WITH DISTINCT d.subject AS subject, c
OPTIONAL MATCH (c)-[:USED_IN]->(s:Slice)
WHERE s.basis = $basis AND ($run = 'any' OR s.run = $run) AND ($level = 'any' OR s.level = $level)
WITH subject, c.id AS id, count(s) AS slices
WITH subject, count(*) AS concepts, sum(CASE WHEN slices > 0 THEN 1 ELSE 0 END) AS covered
RETURN subject AS subject, concepts AS concepts, covered AS covered,
  (20000 * covered + concepts) / (2 * concepts) / 100.0 AS percent
ORDER BY percent, concepts DESC, subject

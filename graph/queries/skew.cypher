// title: Skew
// question: How unevenly are the concepts of each kind used: the Gini index, and the share of the most used?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter run: run = any -- questions of this run only
// parameter level: level = any -- questions of this level only
// column kind: text -- topic, knowledge_point or skill
// column concepts: int -- concepts of this kind
// column uses: int -- their uses in all
// column most: int -- questions that use the most used one
// column top_1: number -- percent of the uses that fall on the most used hundredth of the concepts
// column top_10: number -- percent of the uses that fall on the most used tenth
// column gini: number -- 0 where all are used alike, near 1 where few have all the uses; 0 without uses
MATCH (c:Concept)
OPTIONAL MATCH (c)-[u:USED_IN]->(s:Slice)
WHERE s.basis = $basis AND ($run = 'any' OR s.run = $run) AND ($level = 'any' OR s.level = $level)
WITH c.kind AS kind, c.id AS id, coalesce(sum(u.questions), 0) AS uses
WITH kind, uses, count(*) AS concepts
WITH kind, sum(concepts) AS n, sum(uses * concepts) AS total, max(uses) AS most,
  collect({uses: uses, concepts: concepts}) AS steps
UNWIND steps AS step
UNWIND steps AS other
WITH kind, n, total, most, step.uses AS uses, step.concepts AS concepts,
  sum(CASE WHEN other.uses > step.uses THEN other.concepts ELSE 0 END) AS above
WITH kind, n, total, most, uses, concepts, above, (n + 99) / 100 - above AS first, (n + 9) / 10 - above AS tenth
WITH kind, n, total, most,
  sum(uses * CASE WHEN first <= 0 THEN 0 WHEN first < concepts THEN first ELSE concepts END) AS of_first,
  sum(uses * CASE WHEN tenth <= 0 THEN 0 WHEN tenth < concepts THEN tenth ELSE concepts END) AS of_tenth,
  sum(uses * concepts * (2 * above + concepts + 1)) AS ranks,
  CASE WHEN total = 0 THEN 1 ELSE total END AS whole
RETURN kind AS kind, n AS concepts, total AS uses, most AS most,
  (20000 * of_first + whole) / (2 * whole) / 100.0 AS top_1,
  (20000 * of_tenth + whole) / (2 * whole) / 100.0 AS top_10,
  (20000 * ((n + 1) * total - ranks) + n * whole) / (2 * n * whole) / 10000.0 AS gini
ORDER BY kind

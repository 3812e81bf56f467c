// title: Coverage of pairs
// question: Of the pairs that occur together in seeds, how many do generated questions use, by the kinds of the two?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// column kinds: text -- the kinds of the two, in alphabetical order
// column pairs: int -- pairs that at least one seed mentions
// column covered: int -- those that at least one question uses
// column percent: number -- covered of pairs
MATCH (a:Concept)-[r:CO_OCCURS]->(b:Concept)
WITH CASE WHEN a.kind < b.kind THEN a.kind + ' - ' + b.kind ELSE b.kind + ' - ' + a.kind END AS kinds,
  CASE $basis WHEN 'asked' THEN r.asked WHEN 'claimed' THEN r.claimed ELSE r.tagged END AS questions
WITH kinds, count(*) AS pairs, sum(CASE WHEN questions > 0 THEN 1 ELSE 0 END) AS covered
RETURN kinds AS kinds, pairs AS pairs, covered AS covered,
  (20000 * covered + pairs) / (2 * pairs) / 100.0 AS percent
ORDER BY kinds

// title: Growth of coverage
// question: How many concepts, and pairs of the seeds, do the first questions touch, in the order of their making?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// column questions: int -- so many of the first questions; the last row has all
// column concepts: int -- different concepts that one of these questions uses
// column pairs: int -- different pairs of the seeds of which one of these questions uses both concepts
MATCH (m:Milestone)
WHERE m.basis = $basis
RETURN m.questions AS questions, m.concepts AS concepts, m.pairs AS pairs
ORDER BY questions

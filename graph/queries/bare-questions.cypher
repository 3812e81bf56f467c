// title: Bare questions
// question: How many questions of each run and level have no concept of the graph on this basis?
// note: reads every question once
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// column run: text -- the run
// column level: text -- the questions' level, empty where it is not known
// column questions: int -- questions of the run and level
// column bare: int -- those without a concept
// column percent: number -- bare of questions
MATCH (q:Question)
WITH q.run AS run, q.level AS level, count(*) AS questions
OPTIONAL MATCH (s:Slice)
WHERE s.run = run AND s.level = level AND s.basis = $basis
WITH run, level, questions, questions - coalesce(sum(s.questions), 0) AS bare
RETURN run AS run, level AS level, questions AS questions, bare AS bare,
  (20000 * bare + questions) / (2 * questions) / 100.0 AS percent
ORDER BY run, level

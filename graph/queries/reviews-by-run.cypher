// title: Reviews by run
// question: How many questions of each run and level did a person review, and how many were rejected?
// note: reads every question once
// column run: text -- the run
// column level: text -- the questions' level, empty where it is not known
// column questions: int -- questions of the run and level
// column reviewed: int -- those that a person accepted or rejected
// column rejected: int -- those that were rejected
// column percent: number -- rejected of reviewed, 0 where none was
MATCH (q:Question)
WITH q.run AS run, q.level AS level, count(*) AS questions,
  sum(CASE WHEN q.review <> '' THEN 1 ELSE 0 END) AS reviewed,
  sum(CASE WHEN q.review = 'reject' THEN 1 ELSE 0 END) AS rejected
WITH run, level, questions, reviewed, rejected, CASE WHEN reviewed = 0 THEN 1 ELSE reviewed END AS whole
RETURN run AS run, level AS level, questions AS questions, reviewed AS reviewed, rejected AS rejected,
  (20000 * rejected + whole) / (2 * whole) / 100.0 AS percent
ORDER BY run, level

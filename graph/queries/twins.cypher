// title: Twins
// question: Which questions have the most twins: later questions with the same text but for its numbers?
// note: reads every question once
// parameter run: run = any -- twins of this run only
// parameter level: level = any -- twins of this level only
// parameter limit: int 1.. = 50 -- rows at most
// column id: text -- the first question
// column run: text -- its run
// column twins: int -- later questions with its text
MATCH (q:Question)
WHERE q.twin <> '' AND ($run = 'any' OR q.run = $run) AND ($level = 'any' OR q.level = $level)
WITH q.twin AS first, count(*) AS twins
ORDER BY twins DESC, first
LIMIT $limit
MATCH (f:Question)
WHERE f.id = first
RETURN f.id AS id, f.run AS run, twins AS twins
ORDER BY twins DESC, id

// title: Use of a concept
// question: In which runs and levels do questions use this concept, and how many are twins or were rejected?
// parameter concept: concept -- the name of a concept, or its id
// column run: text -- the run
// column level: text -- the questions' level, empty where it is not known
// column basis: text -- asked, claimed or tagged
// column questions: int -- questions that use it
// column twins: int -- those that are twins of an earlier question
// column rejected: int -- those that a person rejected
MATCH (c:Concept)-[u:USED_IN]->(s:Slice)
WHERE c.id = $concept OR c.name = $concept
RETURN s.run AS run, s.level AS level, s.basis AS basis, sum(u.questions) AS questions, sum(u.twins) AS twins,
  sum(u.rejected) AS rejected
ORDER BY run, level, basis

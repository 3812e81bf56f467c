// title: Coverage by level
// question: At each level, how many questions were made, and how many concepts of each kind do they use?
// parameter basis: asked|claimed|tagged = asked -- concepts asked of a question, claimed by its writer, or read from it
// parameter run: run = any -- questions of this run only
// column level: text -- the questions' level, empty where it is not known
// column kind: text -- topic, knowledge_point or skill
// column questions: int -- questions that use such a concept
// column concepts: int -- different concepts they use
// column uses: int -- uses in all
MATCH (s:Slice)
WHERE s.basis = $basis AND ($run = 'any' OR s.run = $run)
WITH s.level AS level, sum(s.topic_questions) AS of_topics, sum(s.point_questions) AS of_points,
  sum(s.skill_questions) AS of_skills
MATCH (c:Concept)-[u:USED_IN]->(s:Slice)
WHERE s.level = level AND s.basis = $basis AND ($run = 'any' OR s.run = $run)
WITH level, c.kind AS kind, of_topics, of_points, of_skills, count(DISTINCT c.id) AS concepts, sum(u.questions) AS uses
RETURN level AS level, kind AS kind,
  CASE kind WHEN 'topic' THEN of_topics WHEN 'knowledge_point' THEN of_points ELSE of_skills END AS questions,
  concepts AS concepts, uses AS uses
ORDER BY level, kind

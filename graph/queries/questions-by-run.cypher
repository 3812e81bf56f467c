// title: Questions by run
// question: How many questions were made in each run, at each level, and on which basis do they have concepts?
// parameter run: run = any -- this run only
// parameter level: level = any -- this level only
// column run: text -- the run
// column level: text -- the questions' level, empty where it is not known
// column basis: text -- asked, claimed or tagged
// column questions: int -- its questions
// column topics: int -- those that use a topic
// column points: int -- those that use a knowledge point
// column skills: int -- those that use a skill
MATCH (s:Slice)
WHERE ($run = 'any' OR s.run = $run) AND ($level = 'any' OR s.level = $level)
RETURN s.run AS run, s.level AS level, s.basis AS basis, s.questions AS questions, s.topic_questions AS topics,
  s.point_questions AS points, s.skill_questions AS skills
ORDER BY run, level, basis

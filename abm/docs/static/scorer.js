// What explains a word goes before what uses it: first the tour of the model, then texts, then the code and its changes.
var Scorer = {
  objNameMatch: 4,
  objPartialMatch: 1,
  objPrio: { 0: 0, 1: 0, 2: -1 },
  objPrioDefault: 0,
  title: 20,
  partialTitle: 10,
  term: 6,
  partialTerm: 2,
  score: ([page, , , object, score]) => score + (object ? 0 : Scorer.pages.find(([name]) => page.startsWith(name))[1]),
  pages: [
    ["explanation/concepts", 17],
    ["explanation/odd", 1],
    ["explanation/status", 1],
    ["howto/gallery", 0],
    ["howto/", 4],
    ["tutorials/", 4],
    ["reference/api/", -10],
    ["project/changelog", -10],
    ["", 0],
  ],
};

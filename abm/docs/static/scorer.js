// What a document says goes before names in the code.
var Scorer = {
  objNameMatch: 4,
  objPartialMatch: 1,
  objPrio: { 0: 0, 1: 0, 2: -1 },
  objPrioDefault: 0,
  title: 30,
  partialTitle: 15,
  term: 6,
  partialTerm: 2,
};

export const PULL_REQUEST_TEMPLATE = [
  'Fixes #',
  '',
  '### What promise does this make or keep?',
  '',
  '### How was it seen to hold?',
  '<!-- The test or campaign that goes red without this change, and what you ran: npm test, npm run campaign -- PATTERN --seeds 1000 -->',
  '',
  '- [ ] no construct id changed (the pattern\'s snapshot is untouched), or the change is named in CHANGELOG.md as breaking',
  '- [ ] every new default, limit and error has a test; every new rule of the simulator cites its AWS page',
];

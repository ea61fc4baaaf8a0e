// Runs the benchmarks and writes docs/benchmarks.md: what was measured, on which machine, when, and which goals were met.
import { writeFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { $ } from 'zx'
import { shownGoal, shownValue, type Figure } from '../test/bench/figure.ts'
import { table } from './pages/page.ts'

const { stdout } = await $({ quiet: true })`${process.execPath} test/bench/bench.ts --output json`
const figures = JSON.parse(stdout) as readonly Figure[]
const processors = cpus()

const lines = [
  '# Benchmarks',
  '',
  'Written by `npm run bench:record`; `npm run bench` prints the same figures and changes nothing. Each value is the median of its',
  'samples. A figure without a goal is there to be compared with later ones.',
  '',
  `Measured on ${new Date().toISOString().slice(0, 10)} with Node ${process.versions.node} on ${type()} ${release().split('-')[0]}: ` +
    `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB.`,
  '',
  ...table(
    ['what', 'value', 'samples', 'goal'],
    figures.map((figure) => [
      figure.what,
      `${shownValue(figure.value)} ${figure.unit}`,
      String(figure.samples),
      shownGoal(figure),
    ]),
  ),
  '',
  '## How to read them',
  '',
  '- A simulated run is a plan and a run of a real runbook with the real SDK clients against the twin in process, in virtual time: the',
  '  code is the code that runs against AWS, only nobody waits. The world is settled before the measuring starts.',
  '- The journal figure is one line, written and synced (`fdatasync`), one after the other; it is the speed of the disk more than ours.',
  '- Requests over the socket come from one client process and are answered by one twin process.',
  '- The import is measured after one that does not count: from a checkout, the first run after a change strips types, which takes',
  '  45 MB more; an installed version has nothing to strip.',
  '- Figures taken on a machine that is busy with something else come out worse. Record them on an idle one.',
  '',
]
writeFileSync('docs/benchmarks.md', lines.join('\n'))
console.log('wrote docs/benchmarks.md')

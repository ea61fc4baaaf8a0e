// Prints `N passed, N failed, N skipped` from the test runner's JSON report: the last line of .ci/run.
import { readFileSync } from 'node:fs'
import { z } from 'zod'

const report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
})

const [file = ''] = process.argv.slice(2)
const { numPassedTests, numFailedTests, numPendingTests, testResults } = report.parse(
  JSON.parse(readFileSync(file, 'utf8')),
)
/** A file that could not even be loaded has no tests to count; it is a failure all the same. */
const unloaded = testResults.filter(
  (result) => result.status === 'failed' && result.assertionResults.length === 0,
)
console.log(
  `${numPassedTests} passed, ${numFailedTests + unloaded.length} failed, ${numPendingTests} skipped`,
)

import { checkPlan } from '../../runbook/plan.ts'
import { runAndKill } from './kill.ts'
import type { Stage } from './stage.ts'

const upgrade = ['upgrade-cluster', '--cluster', 'photo-staging', '--to', '1.34'] as const

/** Staging: plan, run, kill, resume, evidence. Answers the run. */
export const playStaging = async (stage: Stage): Promise<string> => {
  stage.say('\n# 1. Plan: what will happen to photo-staging, step by step, with a digest to approve.')
  await stage.expect(0, 'plan', ...upgrade, '--save', 'plan.json')
  const { digest } = checkPlan(stage.readJson('plan.json'))
  stage.say('\n# 2. Run it, and kill the process (SIGKILL) in the middle of the first drain.')
  await runAndKill(stage, 'run', '--plan', 'plan.json', '--approve', digest)
  stage.say('\n# 3. The journal knows where it was. Resume. A run that is done leaves signed evidence.')
  const { runs } = (await stage.ask('runs')) as { readonly runs: readonly { readonly id: string }[] }
  const run = runs[0]?.id ?? ''
  await stage.expect(0, 'resume', run)
  await stage.expect(0, 'evidence', 'list')
  return run
}

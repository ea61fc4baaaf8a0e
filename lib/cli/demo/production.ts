import { checkPlan } from '../../runbook/plan.ts'
import type { Stage } from './stage.ts'

const upgrade = ['upgrade-cluster', '--cluster', 'photo-prod', '--to', '1.34'] as const

/** Production: refused for an add-on that moved in between, then for want of a second person, then run and compared. */
export const playProduction = async (stage: Stage, staging: string): Promise<void> => {
  stage.say('\n# 4. In between EKS publishes a new version of an add-on. The plan for production takes it.')
  await stage.expect(0, 'twin', 'publish', 'add-on', 'coredns', ...newCoreDns)
  await stage.expectBriefly(0, 'plan', ...upgrade, '--save', 'prod-plan.json')
  stage.say(
    '\n# 5. The gate refuses it: staging never proved that version. It names the difference and the way on.',
  )
  await stage.expect(3, 'run', '--plan', 'prod-plan.json', '--approve', digestOf(stage))
  await stage.expect(3, 'gate', 'explain', '--plan', 'prod-plan.json')
  stage.say('\n# 6. Plan again with the releases that staging proved. Now a second person is missing.')
  await stage.expectBriefly(0, 'plan', ...upgrade, '--as-proven', staging, '--save', 'prod-plan.json')
  const digest = digestOf(stage)
  await stage.expect(5, 'run', '--plan', 'prod-plan.json', '--approve', digest)
  stage.say(
    '\n# 7. Somebody else approves. Production runs, each step held against the same step on staging.',
  )
  await stage.expectBriefly(0, 'approve', digest, '--reason', 'staging held', ...approver)
  await stage.expect(0, 'run', '--plan', 'prod-plan.json', '--approve', digest)
  stage.say('\n# 8. Both runs side by side.')
  const { runs } = (await stage.ask('runs')) as { readonly runs: readonly { readonly id: string }[] }
  await stage.expect(0, 'compare', staging, runs[0]?.id ?? '')
}

const newCoreDns = ['v1.12.4-eksbuild.9', '--minors', '1.33,1.34', '--default-of', '1.33,1.34'] as const

/** As on a machine of their own: another profile, so another principal. */
const approver = ['--profile', 'production-approver', '--yes'] as const

const digestOf = (stage: Stage): string => checkPlan(stage.readJson('prod-plan.json')).digest

import type { CallsDocument } from '../../report/schemas/calls.ts'
import { countEffects } from './effects.ts'
import { broken } from './expect.ts'
import { calls } from './kill.ts'
import { playProduction } from './production.ts'
import { playStaging } from './staging.ts'
import type { Stage } from './stage.ts'

/** The whole play: staging, then production. Throws R099 when a command does not end as it should. */
export const playDemo = async (stage: Stage): Promise<void> => {
  stage.say(
    'A local AWS and Kubernetes with the fictional photo app: two accounts, a cluster on 1.32 in each.',
  )
  await stage.expect(0, 'twin', 'start', '--detach', '--speed', stage.speed)
  try {
    const { env } = (await stage.ask('twin', 'env')) as { readonly env: { readonly [name: string]: string } }
    stage.setEnv(env)
    const staging = await playStaging(stage)
    await playProduction(stage, staging)
    showCount(stage, await calls(stage))
  } finally {
    await stage.type('twin', 'stop')
  }
}

const showCount = (stage: Stage, all: CallsDocument['calls']): void => {
  const { changing, evicted, twice } = countEffects(all)
  stage.say(
    `\nThe twin's own record: ${changing} calls that changed something, ${evicted} pods evicted, ${twice.length} done twice.`,
  )
  if (twice.length > 0) throw broken(`done twice: ${twice.join(', ')}`)
}

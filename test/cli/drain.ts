import { startTwin, type RunningTwin } from './running-twin.ts'

/** A twin slow enough to be interrupted in a drain, and the approved run that drains. */
export interface Drain {
  readonly twin: RunningTwin
  readonly run: readonly string[]
  /** On the screen when pods are being evicted: nodes are cordoned and the autoscaler stands still by then. */
  readonly evicting: string
  /** The newest run, with what it paused. */
  readonly shown: () => ShownRun
  /** What changed nodes and autoscaling, in order, as the twin saw it. */
  readonly changes: () => Promise<readonly string[]>
}

export interface ShownRun {
  readonly id: string
  readonly state: string
  readonly pauses: readonly { readonly kind: string; readonly state: string }[]
}

export const startDrain = async (): Promise<Drain> => {
  const twin = await startTwin('60')
  const group = ['--cluster', 'small', '--node-group', 'web', '--ami-type', 'AL2023_x86_64_STANDARD']
  const planned = twin.type(['plan', 'swap-node-group', ...group, '--save', 'plan.json', '--output', 'json'])
  const { digest } = JSON.parse(planned.stdout) as { digest: string }
  return {
    twin,
    run: ['run', '--plan', 'plan.json', '--approve', digest],
    evicting: 'kubernetes:CreateEviction',
    shown: () => {
      const { runs } = JSON.parse(twin.type(['runs', '--output', 'json']).stdout) as { runs: ShownRun[] }
      return JSON.parse(twin.type(['show', runs[0]?.id ?? '', '--output', 'json']).stdout) as ShownRun
    },
    changes: async () => {
      const { stdout } = await twin.here('twin', 'calls', '--output', 'json')
      const { calls } = JSON.parse(stdout) as { calls: { operation: string; effect: string | null }[] }
      const changed = calls.filter(({ effect }) => effect !== null)
      return changed.map(({ operation }) => operation).filter((name) => /Processes|PatchNode/.test(name))
    },
  }
}

/** Two nodes are cordoned and freed, one Auto Scaling group is stopped and goes on. */
export const pausedAndGivenBack = [
  'SuspendProcesses',
  'PatchNode',
  'PatchNode',
  'PatchNode',
  'PatchNode',
  'ResumeProcesses',
]

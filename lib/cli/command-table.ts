import type { CommandEntry } from './cli.ts'

/** All commands in the order of the help. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: 'list',
    summary: 'list the runbooks, one line each',
    load: () => import('./commands/list.ts'),
  },
  {
    name: 'explain',
    summary: 'say what a runbook does, needs and undoes, in plain words',
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'plan',
    summary: 'look at the cluster and print the plan with its digest',
    load: () => import('./commands/plan.ts'),
  },
  {
    name: 'rehearse',
    summary: 'run a runbook on a twin of the cluster, in virtual time',
    load: () => import('./commands/rehearse.ts'),
  },
  {
    name: 'run',
    summary: 'run a plan that was approved',
    changes: true,
    load: () => import('./commands/run.ts'),
  },
  {
    name: 'gate',
    summary: 'say which evidence a production plan needs, and every difference',
    load: () => import('./commands/gate.ts'),
  },
  {
    name: 'approve',
    summary: 'approve a plan that somebody else made',
    load: () => import('./commands/approve.ts'),
  },
  {
    name: 'resume',
    summary: 'go on with a run that stopped',
    changes: true,
    load: () => import('./commands/resume.ts'),
  },
  {
    name: 'undo',
    summary: 'walk the steps of a run back, newest first',
    changes: true,
    load: () => import('./commands/undo.ts'),
  },
  {
    name: 'repair',
    summary: 'restore what a run paused and could not restore itself',
    changes: true,
    load: () => import('./commands/repair.ts'),
  },
  {
    name: 'runs',
    summary: 'list the runs, newest first',
    load: () => import('./commands/runs.ts'),
  },
  {
    name: 'review',
    summary: 'close the review of a run that broke the glass',
    load: () => import('./commands/review.ts'),
  },
  {
    name: 'show',
    summary: 'show where a run stands',
    load: () => import('./commands/show.ts'),
  },
  {
    name: 'report',
    summary: 'print the report of a run',
    load: () => import('./commands/report.ts'),
  },
  {
    name: 'compare',
    summary: 'lay two runs side by side, step by step',
    load: () => import('./commands/compare.ts'),
  },
  {
    name: 'evidence',
    summary: 'list, show, verify and sign what runs proved',
    load: () => import('./commands/evidence.ts'),
  },
  {
    name: 'fleet',
    summary: 'check fleet.yaml',
    load: () => import('./commands/fleet.ts'),
  },
  {
    name: 'import',
    summary: 'copy a live cluster into a world file, without secrets',
    load: () => import('./commands/import.ts'),
  },
  {
    name: 'twin',
    summary: 'start and steer a local AWS and Kubernetes',
    load: () => import('./commands/twin.ts'),
  },
  {
    name: 'demo',
    summary: 'watch staging and then production upgraded on a local twin, killed and resumed',
    load: () => import('./commands/demo.ts'),
  },
  {
    name: 'kube-token',
    summary: 'print a token for kubectl where aws is missing',
    load: () => import('./commands/kube-token.ts'),
  },
  {
    name: 'completion',
    summary: 'print shell completion for bash, zsh or fish',
    load: () => import('./commands/completion.ts'),
  },
]

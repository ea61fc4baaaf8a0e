import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { completionScript } from '../../lib/cli/completion-script.ts'
import { runInProcess } from './terminal-double.ts'

const words = {
  commands: [
    { name: 'plan', summary: "print the cluster's plan", words: ['upgrade-cluster'], options: ['--save'] },
    { name: 'twin', summary: 'steer the twin', words: ['start', 'stop'], options: ['--world'] },
  ],
  inputs: ['--cluster', '--to'],
}

const completeInBash = (line: readonly string[]): string[] => {
  const script = `${completionScript('bash', words)}
COMP_WORDS=(${line.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${line.length - 1}; _eks_runbook; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.split('\n').filter((word) => word !== '')
}

test('bash completes commands, runbooks, options and inputs', () => {
  expect(completeInBash(['eks-runbook', 'tw'])).toEqual(['twin'])
  expect(completeInBash(['eks-runbook', 'plan', 'up'])).toEqual(['upgrade-cluster'])
  expect(completeInBash(['eks-runbook', 'plan', 'upgrade-cluster', '--'])).toEqual([
    '--save',
    '--cluster',
    '--to',
  ])
  expect(completeInBash(['eks-runbook', 'plan', '--output', 'j'])).toEqual(['json'])
  expect(completeInBash(['eks-runbook', 'nothing', ''])).toEqual([])
})

test('zsh and fish name the commands with their summaries', () => {
  expect(completionScript('zsh', words)).toContain("'plan:print the clusters plan'")
  expect(completionScript('fish', words)).toContain("-a plan -d 'print the clusters plan'")
  expect(completionScript('fish', words)).toContain("-n '__fish_seen_subcommand_from plan' -l cluster")
})

test.each(['bash', 'zsh', 'fish'])('The script for %s knows every command', async (shell) => {
  const { code, stdout } = await runInProcess(['completion', shell])
  expect(code).toBe(0)
  for (const word of ['resume', 'twin', 'fault', 'take-over', 'world']) expect(stdout).toContain(word)
})

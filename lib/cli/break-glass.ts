import type { Command } from 'commander'
import { covers, principalOf } from '../evidence/principal.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { RunbookError, type RunbookErrorCode } from '../runbook/errors.ts'
import type { BrokenGlass } from '../runbook/journal-event.ts'
import { plainText } from '../runbook/plain-text.ts'
import { redactText } from '../runbook/redact.ts'
import type { Cli } from './cli.ts'

/** Options of `run` for an emergency. */
export interface GlassRequest {
  readonly breakGlass?: boolean
  readonly reason?: string
}

/** Adds `--break-glass`. */
export const withBreakGlass = (command: Command): Command =>
  command.option(
    '--break-glass',
    'emergency: run without evidence and approval, where the fleet lets you; needs --reason of ten letters, and a review afterwards',
  )

/** A glass that may be broken, and what was refused but for that. */
export interface Glass {
  readonly by: string
  readonly reason: string
  /** Codes in the order in which they were refused. */
  readonly skipped: RunbookErrorCode[]
}

/** As the journal keeps it. */
export const brokenRecord = ({ by, reason, skipped }: Glass): BrokenGlass => ({
  by,
  reason,
  skipped: [...new Set(skipped)].join(', '),
})

/** Letters of a reason that somebody can review. */
const shortestReason = 10

/** The reason as it will be kept; undefined without `--break-glass`. Throws R001 when it is missing or says too little. */
export const glassReason = ({ breakGlass, reason = '' }: GlassRequest): string | undefined => {
  if (breakGlass !== true) return undefined
  const text = redactText(plainText(reason))
  if (text.length >= shortestReason) return text
  throw new RunbookError(
    'R001',
    `Cannot break the glass: expected --reason of ${shortestReason} letters or more, found ${text.length}`,
    { hint: 'add --reason "what is broken, and why it cannot wait for evidence and approval"' },
  )
}

/** Throws R075 unless the fleet lets this caller break the glass. */
export const pickUpHammer = (
  { settings }: Pick<Fleet, 'settings'>,
  { by, reason }: { readonly by: string; readonly reason: string },
): Glass => {
  if (settings.breakGlass.some((named) => covers(named, by))) return { by, reason, skipped: [] }
  throw new RunbookError(
    'R075',
    `Cannot break the glass: expected a principal of settings.breakGlass, found ${principalOf(by, settings.ssoRoles)}`,
    { hint: 'pass the gate (eks-runbook gate explain --plan FILE), or ask one of them' },
  )
}

/** What the gate and the second person refuse, and a damaged record of theirs; everything else holds in an emergency too. */
const breakable = new Set<RunbookErrorCode>([
  ...(['R006', 'R040', 'R041', 'R042', 'R079'] as const),
  ...(['R060', 'R061', 'R062', 'R063', 'R064', 'R065', 'R066', 'R067', 'R068', 'R069'] as const),
  ...(['R070', 'R071', 'R072', 'R073', 'R074', 'R076', 'R077'] as const),
])

/** The answer of a gate; undefined where it refused and the glass is broken. Throws what the gate throws. */
export const unlessBroken = async <R>(
  glass: Glass | undefined,
  gate: () => Promise<R>,
): Promise<R | undefined> => {
  try {
    return await gate()
  } catch (error) {
    if (!glass || !(error instanceof RunbookError) || !breakable.has(error.code)) throw error
    if (!glass.skipped.includes(error.code)) glass.skipped.push(error.code)
    return undefined
  }
}

/** Says before the yes what is about to happen without evidence or approval. */
export const warnOfBrokenGlass = (cli: Cli, cluster: string, { by, reason, skipped }: Glass): void => {
  const lines = [
    `THE GLASS IS BROKEN: ${cluster} is changed although the gate refused it (${skipped.join(', ')}).`,
    `By ${by}: ${reason}`,
    'The run stays "review open" in eks-runbook runs until somebody else closes it: eks-runbook review <run>.',
  ]
  const width = Math.max(...lines.map(({ length }) => length))
  const line = '!'.repeat(width)
  cli.terminal.stderr.write(`\n${[line, ...lines.map(plainText), line].join('\n')}\n\n`)
}

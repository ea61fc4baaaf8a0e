import { RunbookError } from '../runbook/errors.ts'
import type { Cli } from './cli.ts'
import { askPerson } from './operator.ts'

/** What somebody has to say yes to. */
export interface Approval {
  /** The digest that `--approve` must name. */
  readonly digest: string
  /** Value of `--approve`. */
  readonly given: string | undefined
  /** What is about to be done, such as `run this plan on photo-staging`. */
  readonly deed: string
  /** What to type to approve: the command without `--approve`. */
  readonly command: string
  /** What to add to it as the yes. Default: `--approve` with the digest. */
  readonly yes?: string
}

/**
 * Returns when somebody said yes: with the right digest, or at the terminal.
 * Throws R012 for a wrong digest, R009 where nobody can be asked or the answer is no.
 */
export const requireApproval = async (cli: Cli, approval: Approval): Promise<void> => {
  const { digest, given, deed, command, yes = `--approve ${digest}` } = approval
  refuseWrongDigest(approval)
  if (given === digest) return
  if (await askPerson(cli, `${deed.charAt(0).toUpperCase()}${deed.slice(1)}?`)) return
  const found = cli.terminal.interactive ? 'a no' : `no terminal to ask on and no ${yes.split(' ', 1)[0]}`
  throw new RunbookError('R009', `Cannot ${deed}: expected a yes, found ${found}`, {
    hint: `${command} ${yes}`,
  })
}

/** Throws R012 when `--approve` names another digest. */
export const refuseWrongDigest = ({ digest, given, deed, command }: Approval): void => {
  if (given === undefined || given === digest) return
  throw new RunbookError('R012', `Cannot ${deed}: expected the digest ${digest}, found ${given}`, {
    hint: `read the plan, then: ${command} --approve ${digest}`,
  })
}

/** What each error means and the way out. docs/errors.md is printed from this table. Codes are stable. */
export const errorCodes = {
  // R00x: usage and input
  R001: { meaning: 'The command line cannot be understood', wayOut: 'Read the example in --help', exit: 2 },
  R002: { meaning: 'There is no runbook of that name', wayOut: 'eks-runbook list', exit: 2 },
  R003: {
    meaning: 'An input of the runbook is missing or malformed',
    wayOut: 'eks-runbook explain <runbook>',
    exit: 2,
  },
  R004: {
    meaning: 'The fleet file cannot be read or does not hold together',
    wayOut: 'Mend the line named, then: eks-runbook fleet check',
    exit: 2,
  },
  R005: { meaning: 'The fleet has no such cluster', wayOut: 'eks-runbook fleet check', exit: 2 },
  R006: {
    meaning: 'The plan file was edited or is not a plan',
    wayOut: 'Make it again: eks-runbook plan <runbook> --save plan.json',
    exit: 2,
  },
  R007: { meaning: 'The world file cannot be used', wayOut: 'Mend the line named', exit: 2 },
  R008: { meaning: 'There is no run of that name', wayOut: 'eks-runbook runs', exit: 2 },
  R009: {
    meaning: 'Somebody has to say yes and nobody can be asked here',
    wayOut: 'Give --approve <digest>',
    exit: 5,
  },
  // R01x: refused by a check or by the state of the world
  R010: { meaning: 'A check stops the step', wayOut: 'Do what its hint says, then resume', exit: 3 },
  R011: {
    meaning: 'The world no longer gives the plan that was approved',
    wayOut: 'Plan again and approve the new digest',
    exit: 3,
  },
  R012: {
    meaning: 'The digest given is not the digest of the plan',
    wayOut: 'Show the plan and give its digest',
    exit: 3,
  },
  R013: {
    meaning: 'Another run holds the lock of the cluster',
    wayOut: 'Wait for it, or take over a stale lock: --take-over --reason',
    exit: 3,
  },
  R014: {
    meaning: 'The caller is in another AWS account than the fleet says',
    wayOut: 'Use the profile that fleet.yaml names',
    exit: 3,
  },
  R015: { meaning: 'The run cannot be continued in this state', wayOut: 'eks-runbook show <run>', exit: 3 },
  // R02x: stopped, resumable
  R020: { meaning: 'The operator stopped the run', wayOut: 'eks-runbook resume <run>', exit: 4 },
  R021: {
    meaning: 'A state was not reached in time',
    wayOut: 'Look at what is being waited for, then: eks-runbook resume <run>',
    exit: 4,
  },
  R022: {
    meaning: 'EKS refused or failed an update',
    wayOut: 'Follow the hint, then: eks-runbook resume <run>',
    exit: 4,
  },
  R023: { meaning: 'The lock was lost to another run', wayOut: 'eks-runbook runs', exit: 4 },
  R024: {
    meaning: 'An API cannot be reached or keeps failing',
    wayOut: 'eks-runbook resume <run> when it answers again',
    exit: 4,
  },
  R025: { meaning: 'A step has no way back', wayOut: 'Read the reason; what is done stays', exit: 3 },
  // R03x: waiting for somebody
  R030: {
    meaning: 'Credentials are missing or expired',
    wayOut: 'Log in again, then: eks-runbook resume <run>',
    exit: 5,
  },
  // R04x: journal and state
  R040: {
    meaning: 'The journal is damaged',
    wayOut: 'Keep the folder as it is and look at the line named',
    exit: 1,
  },
  R041: {
    meaning: 'The state folder cannot be written',
    wayOut: 'Free space or give another folder with --state',
    exit: 1,
  },
  R042: { meaning: 'The journal was written by a newer version', wayOut: 'Use that version', exit: 1 },
  // R05x: twin
  R050: { meaning: 'The twin is not running', wayOut: 'eks-runbook twin start --detach', exit: 2 },
  R051: { meaning: 'The twin cannot start', wayOut: 'Follow the message', exit: 1 },
  // R06x: the gate before production
  R060: {
    meaning: 'Nothing was proven yet for this plan',
    wayOut: 'Run it on the paired cluster first: eks-runbook gate explain --plan FILE',
    exit: 3,
  },
  R061: {
    meaning: 'The plan differs from what was proven',
    wayOut: 'eks-runbook gate explain --plan FILE names each difference and the command that closes it',
    exit: 3,
  },
  R062: {
    meaning: 'The evidence is not as it was signed',
    wayOut: 'Fetch it again from the state of the team, or run on staging again',
    exit: 3,
  },
  R063: {
    meaning: 'The signer is not one whom the fleet trusts',
    wayOut: 'Sign with a trusted key, or add the signer to evidence.signers of fleet.yaml',
    exit: 3,
  },
  R064: { meaning: 'The evidence is too old', wayOut: 'Run on staging again', exit: 3 },
  R065: {
    meaning: 'The evidence is of another cluster than the paired one',
    wayOut: 'Run on the paired cluster, or mend pairs in fleet.yaml',
    exit: 3,
  },
  R066: {
    meaning: 'The evidence is a copy under another name',
    wayOut: 'Use the original: eks-runbook evidence list',
    exit: 3,
  },
  R067: {
    meaning: 'The journal is not the one that was signed',
    wayOut: 'Run on staging again; keep the journal for whoever looks into it',
    exit: 3,
  },
  R068: {
    meaning: 'The run behind the evidence did not prove every step',
    wayOut: 'Run on staging again',
    exit: 3,
  },
  R069: {
    meaning: 'Another version of the tool proved it',
    wayOut: 'Use that version, or run on staging again with this one',
    exit: 3,
  },
  // R07x: approval by a second person
  R070: {
    meaning: 'A second person has to approve',
    wayOut: 'Somebody else: eks-runbook approve <digest> --reason TEXT',
    exit: 5,
  },
  R071: { meaning: 'Who planned or runs it cannot approve it', wayOut: 'Ask somebody else', exit: 3 },
  R072: { meaning: 'The approval has expired', wayOut: 'Approve again', exit: 3 },
  R073: { meaning: 'The approval was used already', wayOut: 'Approve again', exit: 3 },
  R074: { meaning: 'The approval is not as it was signed', wayOut: 'Approve again', exit: 3 },
  R075: {
    meaning: 'Breaking the glass is not allowed here',
    wayOut: 'Pass the gate, or ask a principal of settings.breakGlass in fleet.yaml',
    exit: 3,
  },
  R076: {
    meaning: 'A clock is off: something was signed in the future',
    wayOut: 'Set the clocks by NTP, then try again',
    exit: 3,
  },
  R077: {
    meaning: 'A fresh rehearsal is missing',
    wayOut: 'eks-runbook rehearse <runbook> --cluster <cluster>',
    exit: 3,
  },
  R078: {
    meaning: 'The signing key cannot be used',
    wayOut: 'Follow the hint, then: eks-runbook evidence sign <run>',
    exit: 1,
  },
  R079: {
    meaning: 'There is no evidence of that name',
    wayOut: 'eks-runbook evidence list',
    exit: 2,
  },
  // R08x: held against what was there before
  R080: {
    meaning: 'A step went otherwise than on staging',
    wayOut: 'Look at the differences, then: eks-runbook resume <run> --accept-differences',
    exit: 5,
  },
  R081: {
    meaning: 'The plan is not in the state of the team',
    wayOut: 'Save it there: eks-runbook plan <runbook> --save FILE',
    exit: 2,
  },
  R082: {
    meaning: 'A cluster cannot be imported or rehearsed',
    wayOut: 'Follow the message',
    exit: 1,
  },
  R083: {
    meaning: 'Whoever plans, approves or imports may not read something of the cluster',
    wayOut: 'Ask for the permission that it names',
    exit: 3,
  },
  // R09x
  R099: { meaning: 'A defect of this tool', wayOut: 'Report it with the command and the output', exit: 1 },
} as const satisfies { readonly [code: string]: ErrorCode }

interface ErrorCode {
  readonly meaning: string
  readonly wayOut: string
  /** Exit code of the process: 1 failed, 2 usage, 3 refused, 4 stopped and resumable, 5 waiting. */
  readonly exit: 1 | 2 | 3 | 4 | 5
}

export type RunbookErrorCode = keyof typeof errorCodes

/** The one error class. Message: what could not be done, to which object, expected and found. Hint: the next command to type. */
export class RunbookError extends Error {
  readonly code: RunbookErrorCode
  readonly hint: string

  constructor(
    code: RunbookErrorCode,
    message: string,
    details: { readonly hint: string; readonly cause?: unknown },
  ) {
    super(message, details.cause === undefined ? {} : { cause: details.cause })
    this.name = 'RunbookError'
    this.code = code
    this.hint = details.hint
  }
}

import type { Plan } from '../runbook/plan.ts'
import type { Inputs } from '../runbook/runbook.ts'
import type { ShapeDifference } from './shape-difference.ts'

/** What the commands that close a difference are made of. */
export interface Closing {
  readonly runbook: string
  readonly inputs: Inputs
  /** File for the next plan. */
  readonly file: string
  /** Production: its name on the command line and in EKS. */
  readonly production: Named
  readonly staging: Named
  /** Name of the evidence and what it was run with. */
  readonly evidence: { readonly name: string; readonly runbook: string; readonly inputs: Inputs }
}

export interface Named {
  readonly onCommandLine: string
  readonly inEks: string
}

/** The next command to type so that a difference goes away. */
export const closingCommand = (difference: ShapeDifference, closing: Closing): string => {
  const { rule, expected } = difference
  const asProven = planCommand(closing, { words: ['--as-proven', closing.evidence.name] })
  switch (rule) {
    case 'hops':
      return hopsCommand(difference, closing)
    case 'order':
      return orderCommand(difference, closing, asProven)
    case 'add-on-version':
      return addOnCommand(difference, closing, asProven)
    case 'ami-type':
      return expected === '' || expected.includes(' or ')
        ? `${stagingGroup(difference, closing)}, then: ${onStaging(closing)}`
        : planCommand(closing, { words: ['--ami-type', expected] })
    case 'ami-release':
      return expected === '' ? `${stagingGroup(difference, closing)}, then: ${onStaging(closing)}` : asProven
    case 'kubelet':
      return `${stagingGroup(difference, closing)}, then: ${onStaging(closing)}`
    default:
      return onStaging(closing)
  }
}

/** The command that proves the plan on staging. */
export const onStaging = ({
  runbook,
  inputs,
  staging,
}: Pick<Closing, 'runbook' | 'inputs' | 'staging'>): string =>
  words(['eks-runbook run', runbook, ...inputWords({ ...inputs, cluster: staging.onCommandLine })])

/** The command that rehearses just what a plan does, with all of its inputs. */
export const rehearseCommand = ({
  runbook,
  inputs,
  target,
  asProven,
}: Pick<Plan, 'runbook' | 'inputs' | 'target' | 'asProven'>): string =>
  words([
    'eks-runbook rehearse',
    runbook,
    ...inputWords({ ...inputs, cluster: target.cluster }),
    ...(asProven === undefined ? [] : ['--as-proven', asProven]),
  ])

const hopsCommand = ({ expected, found }: ShapeDifference, closing: Closing): string => {
  const to = closing.evidence.inputs['to']
  const sameStart = expected.split(' > ')[0] === found.split(' > ')[0]
  return sameStart && typeof to === 'string' ? planCommand(closing, { inputs: { to } }) : onStaging(closing)
}

const orderCommand = ({ object, expected }: ShapeDifference, closing: Closing, asProven: string): string => {
  if (expected === '') return onStaging(closing)
  return object.startsWith('add-on ') ? asProven : likeProven(closing)
}

/** The plan again with the choices of the run that proved it. */
const likeProven = (closing: Closing): string => {
  const { nodes, swap } = closing.evidence.inputs
  return planCommand(closing, {
    inputs: { ...(nodes === undefined ? {} : { nodes }), ...(swap === undefined ? {} : { swap }) },
  })
}

const addOnCommand = (
  { object, expected, found, names: [name = ''] }: ShapeDifference,
  closing: Closing,
  asProven: string,
): string => {
  const { production, staging } = closing
  if (expected === '')
    return `${awsAddOn('create-addon', { cluster: staging, name, version: found.split(' > ')[0] ?? '' })}, then: ${onStaging(closing)}`
  if (!object.endsWith(' at the start')) return asProven
  return isLower(found, expected)
    ? awsAddOn('update-addon', { cluster: production, name, version: expected })
    : `${awsAddOn('update-addon', { cluster: staging, name, version: found })} where it still starts from there, then: ${onStaging(closing)}`
}

const awsAddOn = (
  deed: 'create-addon' | 'update-addon',
  { cluster, name, version }: { readonly cluster: Named; readonly name: string; readonly version: string },
): string =>
  words([
    'aws eks',
    deed,
    '--cluster-name',
    cluster.inEks,
    '--addon-name',
    quoted(name),
    '--addon-version',
    quoted(version),
  ])

const stagingGroup = ({ names }: ShapeDifference, { production, staging }: Closing): string =>
  `give ${staging.onCommandLine} a node group like ${names.join(', ')} of ${production.onCommandLine} (${words(['aws eks describe-nodegroup --cluster-name', production.inEks, '--nodegroup-name', quoted(names[0] ?? '')])})`

const planCommand = (
  { runbook, inputs, file, production }: Closing,
  more: { readonly inputs?: Inputs; readonly words?: readonly string[] },
): string =>
  words([
    'eks-runbook plan',
    runbook,
    ...inputWords({ ...inputs, ...more.inputs, cluster: production.onCommandLine }),
    ...(more.words ?? []),
    '--save',
    quoted(file),
  ])

/** Inputs as options of the command line; what a shell would take apart is quoted. */
const inputWords = (inputs: Inputs): readonly string[] =>
  Object.entries(inputs).flatMap(([name, value]) => {
    const option = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
    if (value === true) return [option]
    if (typeof value === 'string' || typeof value === 'number') return [option, quoted(String(value))]
    return Array.isArray(value) && value.length > 0 ? [option, quoted(value.join(','))] : []
  })

const quoted = (text: string): string =>
  /^[\w.,:/@=+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

const words = (parts: readonly string[]): string => parts.join(' ')

/** By their numbers: `v1.9.3` is lower than `v1.11.4`. */
const isLower = (a: string, b: string): boolean => {
  const [left, right] = [numbersOf(a), numbersOf(b)]
  const at = left.findIndex((number, index) => number !== right[index])
  return at !== -1 && (left[at] ?? 0) < (right[at] ?? 0)
}

const numbersOf = (version: string): readonly number[] => (version.match(/\d+/g) ?? []).map(Number)

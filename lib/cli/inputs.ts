import { Option, type Command } from 'commander'
import { z } from 'zod'
import { RunbookError } from '../runbook/errors.ts'
import type { Inputs } from '../runbook/runbook.ts'

/** An input of a runbook as it stands on the command line. */
export interface InputOption {
  /** Name in the runbook: `nodeGroup`. */
  readonly name: string
  /** Name on the command line: `--node-group`. */
  readonly flag: string
  readonly description: string
  readonly kind: 'text' | 'number' | 'boolean' | 'list'
  readonly required: boolean
  readonly choices?: readonly string[]
  /** As it would be typed. */
  readonly defaultValue?: string
}

interface DescribedRunbook {
  readonly id: string
  readonly inputs: z.ZodType<Inputs>
}

/** The inputs of a runbook, read from its schema. */
export const inputOptions = ({ inputs }: DescribedRunbook): readonly InputOption[] => {
  const { properties = {}, required = [] } = z.toJSONSchema(inputs, { io: 'input', unrepresentable: 'any' })
  return Object.entries(properties).map(([name, property]) => {
    const schema: JsonSchema = typeof property === 'boolean' ? {} : property
    const choices = choicesOf(schema)
    return {
      name,
      flag: `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      description: schema.description ?? '',
      kind: kindOf(schema),
      required: required.includes(name),
      ...(choices === undefined ? {} : { choices }),
      ...(schema.default === undefined ? {} : { defaultValue: typed(schema.default) }),
    }
  })
}

/** Adds the inputs as options. */
export const addInputOptions = (command: Command, options: readonly InputOption[]): Command => {
  for (const { flag, kind, description, choices, required, defaultValue } of options) {
    const note = defaultValue === undefined ? (required ? ' (required)' : '') : ` (default: ${defaultValue})`
    const option = new Option(
      kind === 'boolean' ? flag : `${flag} <${placeholder(kind)}>`,
      `${description}${note}`,
    )
    if (choices) option.choices([...choices])
    if (kind === 'list')
      option.argParser<readonly string[]>((word, before) => [...(before ?? []), ...word.split(',')])
    command.addOption(option)
    if (kind === 'boolean' && defaultValue === 'true')
      command.addOption(new Option(flag.replace('--', '--no-'), `not: ${description}`))
  }
  return command
}

/**
 * The inputs from the fleet's defaults and the options given, checked by the runbook's own schema.
 * Throws R003 naming the option, what is expected and what was found.
 */
export const readInputs = (
  runbook: DescribedRunbook,
  given: { readonly [name: string]: unknown },
  defaults: { readonly [name: string]: unknown } = {},
): Inputs => {
  const options = inputOptions(runbook)
  const values = Object.fromEntries(
    options
      .map((option) => [option.name, valueOf(option, given[option.name] ?? defaults[option.name])] as const)
      .filter(([, value]) => value !== undefined),
  )
  const parsed = runbook.inputs.safeParse(values)
  if (parsed.success) return parsed.data
  throw refusal(runbook, options, values, parsed.error)
}

const typed = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

type JsonSchema = z.core.JSONSchema.JSONSchema

const kindOf = (schema: JsonSchema): InputOption['kind'] => {
  if (schema.type === 'boolean') return 'boolean'
  if (schema.type === 'number' || schema.type === 'integer') return 'number'
  return schema.type === 'array' ? 'list' : 'text'
}

const choicesOf = (schema: JsonSchema): readonly string[] | undefined => schema.enum?.map(String)

const placeholder = (kind: InputOption['kind']): string =>
  ({ text: 'value', number: 'number', list: 'value,…', boolean: '' })[kind]

const valueOf = ({ kind }: InputOption, value: unknown): unknown =>
  kind === 'number' && typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))
    ? Number(value)
    : value

const refusal = (
  { id }: DescribedRunbook,
  options: readonly InputOption[],
  values: { readonly [name: string]: unknown },
  error: z.ZodError,
): RunbookError => {
  const [issue] = error.issues
  const name = String(issue?.path[0] ?? '')
  const flag = options.find((option) => option.name === name)?.flag ?? name
  const value = values[name]
  const found = value === undefined ? 'nothing' : JSON.stringify(value)
  const expected = (issue?.message ?? '')
    .replace(/^Invalid input: expected /, '')
    .replace(/, received .*$/, '')
  return new RunbookError(
    'R003',
    `Cannot use the inputs of ${id}: ${flag}: expected ${expected}, found ${found}`,
    {
      hint: `eks-runbook explain ${id}`,
    },
  )
}

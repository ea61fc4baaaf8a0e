import { AwsError } from '../call.ts'

interface Filter {
  readonly Name?: string | undefined
  readonly Values?: readonly string[] | undefined
}

interface Tag {
  readonly Key?: string | undefined
  readonly Value?: string | undefined
}

/** What an object answers to filters: values by the name of the filter, and its tags. */
export interface Filterable {
  readonly values: { readonly [filter: string]: readonly (string | undefined)[] }
  readonly tags?: readonly Tag[] | undefined
}

/**
 * EC2's filters: every filter must have a value that fits; `*` and `?` stand for letters
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html). Throws InvalidParameterValue for a filter
 * that is not emulated, so that nothing matches by mistake.
 */
export const fits = (filters: readonly Filter[] | undefined, object: Filterable): boolean =>
  (filters ?? []).every(({ Name = '', Values = [] }) => {
    const own = valuesFor(Name, object)
    return Values.some((pattern) => own.some((value) => value !== undefined && isLike(value, pattern)))
  })

const valuesFor = (name: string, { values, tags = [] }: Filterable): readonly (string | undefined)[] => {
  if (name === 'tag-key') return tags.map(({ Key }) => Key)
  if (name.startsWith('tag:'))
    return tags.filter(({ Key }) => Key === name.slice('tag:'.length)).map(({ Value }) => Value)
  const own = Object.hasOwn(values, name) ? values[name] : undefined
  if (!own) throw new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`)
  return own
}

const isLike = (value: string, pattern: string): boolean =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  ).test(value)

/** Of the ids asked for, one that is not there is an error, as in EC2. Left out: all. */
export const chosen = <T>(
  all: ReadonlyMap<string, T>,
  ids: readonly string[] | undefined,
  missing: (id: string) => AwsError,
): readonly T[] => {
  if (!ids || ids.length === 0) return [...all.values()]
  return ids.map((id) => {
    const found = all.get(id)
    if (found === undefined) throw missing(id)
    return found
  })
}

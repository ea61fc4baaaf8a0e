import { membersOf, type Shape } from './schemas.ts'

/** A form of the query protocols as a tree: `Filter.1.Value.2=x` stands at Filter → 1 → Value → 2. */
interface Branch {
  text?: string
  readonly below: Map<string, Branch>
}

type Dialect = 'awsQuery' | 'ec2Query'

/** Reads a form body by the shape of the input (the mirror of what the SDK and botocore write). */
export const readForm = (shape: Shape, form: URLSearchParams, dialect: Dialect): unknown =>
  shape.isStructSchema() ? read(shape, treeOf(form), dialect) : {}

const treeOf = (form: URLSearchParams): Branch => {
  const root: Branch = { below: new Map() }
  for (const [key, text] of form) {
    let branch = root
    for (const part of key.split('.')) {
      const next: Branch = branch.below.get(part) ?? { below: new Map() }
      branch.below.set(part, next)
      branch = next
    }
    branch.text = text
  }
  return root
}

const read = (shape: Shape, branch: Branch, dialect: Dialect): unknown => {
  if (shape.isStructSchema()) return readStructure(shape, branch, dialect)
  if (shape.isListSchema()) return readList(shape, branch, dialect)
  if (shape.isMapSchema()) return readMap(shape, branch, dialect)
  return fromText(shape, branch.text ?? '')
}

const readStructure = (shape: Shape, branch: Branch, dialect: Dialect) =>
  Object.fromEntries(
    membersOf(shape).flatMap(([name, member]) => {
      const found = branch.below.get(keyOf(name, member, dialect))
      return found ? [[name, read(member, found, dialect)]] : []
    }),
  )

const keyOf = (name: string, member: Shape, dialect: Dialect): string => {
  const traits = member.getMergedTraits()
  if (dialect === 'awsQuery') return traits.xmlName ?? name
  const { ec2QueryName } = traits as { readonly ec2QueryName?: string }
  const key = traits.xmlName ?? name
  return ec2QueryName ?? key.charAt(0).toUpperCase() + key.slice(1)
}

const readList = (shape: Shape, branch: Branch, dialect: Dialect): unknown[] => {
  const item = shape.getValueSchema()
  const flat = dialect === 'ec2Query' || shape.getMergedTraits().xmlFlattened
  const holder = flat ? branch : branch.below.get(item.getMergedTraits().xmlName ?? 'member')
  return numbered(holder).map((entry) => read(item, entry, dialect))
}

const readMap = (shape: Shape, branch: Branch, dialect: Dialect) => {
  const holder = shape.getMergedTraits().xmlFlattened ? branch : branch.below.get('entry')
  const [keyName, valueName] = [
    shape.getKeySchema().getMergedTraits().xmlName ?? 'key',
    shape.getValueSchema().getMergedTraits().xmlName ?? 'value',
  ]
  return Object.fromEntries(
    numbered(holder).flatMap((entry) => {
      const value = entry.below.get(valueName)
      return value
        ? [[entry.below.get(keyName)?.text ?? '', read(shape.getValueSchema(), value, dialect)]]
        : []
    }),
  )
}

const numbered = (holder: Branch | undefined): readonly Branch[] =>
  [...(holder?.below ?? [])]
    .filter(([key]) => /^\d+$/.test(key))
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([, branch]) => branch)

/** A value as forms, query strings, paths and headers carry it. */
export const fromText = (shape: Shape, text: string): unknown => {
  if (shape.isNumericSchema()) return Number(text)
  if (shape.isBooleanSchema()) return text === 'true'
  if (shape.isTimestampSchema()) return new Date(/^[\d.]+$/.test(text) ? Number(text) * 1000 : text)
  if (shape.isBlobSchema()) return new Uint8Array(Buffer.from(text, 'base64'))
  return text
}

import type { Json } from '../runbook/json.ts'
import type { Message } from '../runbook/operator.ts'
import { plainText } from '../runbook/plain-text.ts'

/** A message as a person reads it: names instead of ARNs and UIDs, one harmless line. Programs read the exact `data`. */
export const peopleMessage = ({ code, text, data }: Message): string => {
  if (code === 'M011' || code === 'M013') return shortTitle(peopleText(text))
  const { kind, object, gone, restore, objects } = data ?? {}
  if (code === 'M031' && Array.isArray(objects)) return `${countByKind(objects)} are gone: nothing to restore`
  if (typeof kind !== 'string' || typeof object !== 'string' || !pauseCodes.has(code)) return peopleText(text)
  const what = pausedText(kind, object, restore)
  if (code === 'M030') return `Paused ${what}`
  if (code === 'M031')
    return gone === true ? `${peopleText(object)} is gone: nothing to restore` : `Restored ${what}`
  return peopleText(text.replace(`${kind} of ${object}`, what))
}

const pauseCodes = new Set(['M030', 'M031', 'M032'])

/** `Auto Scaling processes Launch, Terminate of group eks-web`. */
export const pausedText = (kind: string, object: string, restore: Json | undefined): string => {
  const processes = isRecord(restore) && Array.isArray(restore['processes']) ? restore['processes'] : []
  const word = Object.hasOwn(pauseWords, kind) ? (pauseWords[kind]?.act ?? kind) : kind
  return peopleText(`${[word, processes.join(', ')].join(' ').trim()} of ${peopleText(object)}`)
}

const pauseWords: { readonly [kind: string]: { readonly act: string; readonly noun: string } | undefined } = {
  'asg-processes': { act: 'Auto Scaling processes', noun: 'Auto Scaling group' },
  cordon: { act: 'scheduling (cordon)', noun: 'node' },
  replicas: { act: 'replicas', noun: 'workload' },
}

/** `12 nodes and 4 Auto Scaling groups`. */
const countByKind = (objects: readonly Json[]): string =>
  [...Map.groupBy(objects, (object) => kindOf(object))]
    .map(([kind, same]) => {
      const noun = (Object.hasOwn(pauseWords, kind) ? pauseWords[kind]?.noun : undefined) ?? kind
      return `${same.length} ${noun}${same.length === 1 ? '' : 's'}`
    })
    .join(' and ')

const kindOf = (object: Json): string => {
  const kind = isRecord(object) ? object['kind'] : undefined
  return typeof kind === 'string' ? kind : ''
}

const isRecord = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const uid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

/** ARNs of what EKS makes, and the UIDs behind names of Kubernetes objects. */
const shortForms: readonly (readonly [RegExp, string])[] = [
  [
    new RegExp(`arn:[\\w-]+:autoscaling:\\S*?:autoScalingGroupName/(\\S+?)(?:-${uid})?(?=[\\s:,;]|$)`, 'g'),
    'group $1',
  ],
  [new RegExp(`arn:[\\w-]+:eks:\\S*?:nodegroup/[^/\\s]+/([^/\\s]+)/${uid}`, 'g'), 'node group $1'],
  [new RegExp(`arn:[\\w-]+:eks:\\S*?:addon/[^/\\s]+/([^/\\s]+)/${uid}`, 'g'), 'add-on $1'],
  [/arn:[\w-]+:eks:[^\s/]*?:cluster\/([A-Za-z0-9_-]+)/g, 'cluster $1'],
  [new RegExp(`(\\S*[./]\\S*) ${uid}`, 'g'), '$1'],
]

/** Names instead of ARNs and UIDs, as one harmless line. */
export const peopleText = (text: string): string =>
  shortForms.reduce((shorter, [long, short]) => shorter.replace(long, short), plainText(text))

const reason = / \(([^()]{40,})\)(?=: |$)/

/** A step's title without the reason in brackets at its end. */
export const shortTitle = (title: string): string => title.replace(reason, '')

/** The reason in brackets at the end of a step's title; undefined where there is none. */
export const reasonOf = (title: string): string | undefined => reason.exec(title)?.[1]

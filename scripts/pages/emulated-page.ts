import { eksHandlers } from '../../lib/twin/aws/eks/services.ts'
import { awsHandlers } from '../../lib/twin/aws/services.ts'
import { builtInTypes, type ResourceType } from '../../lib/twin/kubernetes/resources.ts'
import { table, type Page } from './page.ts'

/** docs/emulated.md: the AWS operations and Kubernetes kinds of the twin. */
export const emulatedPage = (): Page => ({
  path: 'docs/emulated.md',
  text: `${[
    '# What the twin answers',
    '',
    'Printed from `lib/twin` by `npm run docs`. What is not listed is refused with an error that names it.',
    '',
    '## AWS operations',
    '',
    ...table(['service', 'operations'], operationRows()),
    '',
    '## Kubernetes kinds',
    '',
    'Stored and served, with watch, patch, dry run and server-side apply; custom resources of any CRD on top. Which controllers move',
    'them: [twin](twin.md).',
    '',
    ...table(
      ['group', 'kinds'],
      [...Map.groupBy(builtInTypes, ({ group }) => group)].map(([group, types]) => [
        group === '' ? 'core' : group,
        types.map(kindWord).toSorted().join(', '),
      ]),
    ),
  ].join('\n')}\n`,
})

const operationRows = (): readonly (readonly string[])[] => {
  const names = Object.keys({ ...awsHandlers, ...eksHandlers }).toSorted()
  const services = Map.groupBy(names, (name) => name.slice(0, name.indexOf('.')))
  return [...services].map(([service, operations]) => [
    service,
    operations.map((name) => name.slice(service.length + 1)).join(', '),
  ])
}

const kindWord = ({ kind, versions }: ResourceType): string => `${kind} (${versions.join(', ')})`

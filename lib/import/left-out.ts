/** What an import leaves out on purpose, and why. Keys are stable: they stand in `--output json`. */
export const leftOutReasons = {
  secrets: 'Secrets are not read at all',
  configMaps: 'ConfigMaps are not read at all',
  events: 'Events are not read',
  environment: 'values of environment variables',
  commands: 'command lines of containers: they may hold secrets',
  probes: 'probes: times to become Ready come from the pods',
  volumes: 'volumes that are neither claims nor emptyDir',
  lastApplied: 'annotations of last-applied-configuration',
  annotations: 'other annotations',
  managedFields: 'managedFields',
  status: 'status: the controllers of the twin write their own',
  finishedPods: 'pods that have ended',
  finishedJobs: 'Jobs that have ended',
  cronJobs: 'CronJobs are not read: the Jobs that run now are in the file',
  ownedPods: 'pods that the controllers of the twin make again',
  foreignPods: 'pods of controllers that the twin does not have, such as static pods and custom workloads',
  ownedReplicaSets: 'ReplicaSets that their Deployments make again',
  systemNamespaces: 'namespaces that every cluster has',
  addOnObjects: 'objects of managed add-ons: the twin installs the add-ons themselves',
  builtIn: 'objects that every cluster has, such as its storage and priority classes',
  selectorless: 'Services without a selector: no pod stands behind them',
  terminating: 'objects that are being deleted',
  lostVolumes: 'volumes that no claim holds',
  customKinds: 'custom kinds: their definitions and their objects',
  rbac: 'Roles and bindings are not read',
  foreignNodes: 'nodes that no managed node group made',
  ownImages: 'images of one’s own: their groups get AL2023 in the file',
  launchTemplates: 'content of launch templates: images, user data, disks',
  groupOptions: 'SSH access, update settings and repair of node groups',
  configuration: 'parts of add-on configuration that hold or may hold secrets',
  withdrawn: 'offers of add-ons of which EKS has no version any more: the file has the installed one',
  tags: 'tags and labels of node groups with what may be a secret or what AWS would refuse',
  pairs: 'pairs and other clusters of the fleet',
} as const satisfies { readonly [what: string]: string }

export type LeftOutWhat = keyof typeof leftOutReasons

/** How often each thing was left out of one object, or of all. */
export type Cuts = { readonly [what in LeftOutWhat]?: number }

/** One line of what was left out. */
export interface LeftOut {
  readonly what: LeftOutWhat | 'refused'
  /** `not read`: the import does not even ask for it. */
  readonly count: number | 'not read'
  readonly why: string
}

/** An object that was left out as a whole, since Kubernetes or this tool would not take it. Both are harmless lines. */
export interface Refused {
  readonly object: string
  readonly reason: string
}

/** Kinds that an import never asks for. */
const notRead = ['secrets', 'configMaps', 'events', 'cronJobs', 'rbac'] as const

/** Sums up. */
export const addCuts = (...all: readonly Cuts[]): Cuts => {
  const sums = new Map<LeftOutWhat, number>()
  for (const cuts of all)
    for (const [what, count] of Object.entries(cuts) as [LeftOutWhat, number][])
      sums.set(what, (sums.get(what) ?? 0) + count)
  return Object.fromEntries(sums)
}

/** All that was left out, in the order of the table; what was not there at all is not told. */
export const leftOutOf = (cuts: Cuts, refused: readonly Refused[]): readonly LeftOut[] => [
  ...(Object.keys(leftOutReasons) as LeftOutWhat[]).flatMap((what): readonly LeftOut[] => {
    const why = leftOutReasons[what]
    if ((notRead as readonly string[]).includes(what)) return [{ what, count: 'not read', why }]
    const count = cuts[what] ?? 0
    return count === 0 ? [] : [{ what, count, why }]
  }),
  ...refused.map(({ object, reason }): LeftOut => ({
    what: 'refused',
    count: 1,
    why: `${object}: ${reason}`,
  })),
]

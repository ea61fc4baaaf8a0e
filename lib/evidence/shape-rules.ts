/** One row of the table that says what evidence must share with a plan. docs/gate.md is printed from it. */
export interface ShapeRule {
  readonly rule: string
  /** `must`: as it was proven, or the gate refuses. `may`: shown, never refused. */
  readonly kind: 'must' | 'may'
  /** What it compares, without a full stop. */
  readonly title: string
  /** Why, for an operator. */
  readonly reason: string
}

/** What must be equal, and what may differ. */
export const shapeRules: readonly ShapeRule[] = [
  {
    rule: 'runbook',
    kind: 'must',
    title: 'The runbook',
    reason: 'another procedure proves nothing about this one',
  },
  {
    rule: 'tool',
    kind: 'must',
    title: 'The version of the tool and the digest of its code',
    reason: 'the same runbook may do something else in another version',
  },
  {
    rule: 'hops',
    kind: 'must',
    title: 'The minor it starts from and each minor on the way',
    reason: 'APIs are removed and defaults change by the minor: a hop that was not walked is not known',
  },
  {
    rule: 'order',
    kind: 'must',
    title:
      'What moves when: add-ons before or after the control plane, nodes in which hop, in place or blue/green',
    reason: 'the versions that meet each other on the way follow from it',
  },
  {
    rule: 'add-on-version',
    kind: 'must',
    title: 'Each add-on’s version at the start and on each minor, also of those that stay',
    reason: 'network, DNS and volumes depend on them, and one that stays runs on the new minor too',
  },
  {
    rule: 'ami-type',
    kind: 'must',
    title: 'The AMI type that nodes leave and the one they get',
    reason: 'kernel, cgroup version, container runtime and bootstrap come with it',
  },
  {
    rule: 'ami-release',
    kind: 'must',
    title: 'The AMI release of the new nodes',
    reason: 'it fixes the patch of the kubelet, of containerd and of the kernel',
  },
  {
    rule: 'kubelet',
    kind: 'must',
    title: 'Taints and user data of the groups (by its sha256)',
    reason: 'they decide what starts on a node and how its kubelet is configured',
  },
  {
    rule: 'cluster-name',
    kind: 'may',
    title: 'Name, account and Region of the cluster',
    reason: 'staging is another cluster on purpose',
  },
  {
    rule: 'group-name',
    kind: 'may',
    title: 'Names of node groups',
    reason: 'groups are compared by AMI type and kubelet, not by what they are called',
  },
  {
    rule: 'group-size',
    kind: 'may',
    title: 'Sizes of node groups',
    reason: 'production is larger; what size does to the drain, rehearse on the twin',
  },
  {
    rule: 'subnets',
    kind: 'may',
    title: 'Subnets and zones',
    reason: 'they belong to the account; whether they have room is checked on each cluster',
  },
  {
    rule: 'instance-type',
    kind: 'may',
    title: 'Instance types and disk size',
    reason: 'the AMI is the same; whether pods fit is checked on each cluster',
  },
  {
    rule: 'capacity-type',
    kind: 'may',
    title: 'On-Demand or Spot',
    reason: 'staging is often Spot; the software of the nodes is the same',
  },
  {
    rule: 'labels-and-tags',
    kind: 'may',
    title: 'Labels and tags of node groups',
    reason: 'they name teams and costs; where pods may go is checked on each cluster',
  },
  {
    rule: 'node-access',
    kind: 'may',
    title: 'Node role, launch template and SSH access',
    reason: 'they belong to the account; user data in the template must be equal',
  },
  {
    rule: 'update-pace',
    kind: 'may',
    title: 'How many nodes EKS updates at once, and node repair',
    reason: 'it follows from the size of the group; budgets hold either way',
  },
  {
    rule: 'soak',
    kind: 'may',
    title: 'Minutes on new nodes before old ones go',
    reason: 'production may wait longer',
  },
  {
    rule: 'bake',
    kind: 'may',
    title: 'Minutes at a new minor before anything follows',
    reason: 'production may wait longer',
  },
  {
    rule: 'keep-blue',
    kind: 'may',
    title: 'Whether old node groups are kept',
    reason: 'keeping them only leaves a way back open',
  },
  {
    rule: 'accept-unknown',
    kind: 'may',
    title: 'Checks that may stay unknown',
    reason: 'an operator answers for them cluster by cluster; they stand in the plan that is approved',
  },
]

/** The row of a rule; undefined for one that is not in the table. */
export const ruleOf = (rule: string): ShapeRule | undefined => shapeRules.find((each) => each.rule === rule)
